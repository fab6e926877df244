import {
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { WebSocketServer } from 'ws';
import type { Config } from '../../config.js';
import { Senders } from '../auth/senders.js';
import { Metrics } from '../metrics.js';
import { Admission } from '../receive/admission.js';
import { CONFIG } from '../tokens.js';
import { AgentSocket } from './agent-socket.js';
import { Agents } from './agents.js';
import { BadMessage, decodeAgentMessage, encodeServerMessage, RETRY_SECONDS } from './protocol.js';

export const OPAMP_PATH = '/v1/opamp';
const MEDIA_TYPE = 'application/x-protobuf';
/** Of a message, after decompression. */
export const MAX_MESSAGE_BYTES = 16 << 20;
/** Of requests in work. */
const MAX_PENDING_BYTES = 64 << 20;
const MAX_CONNECTIONS = 10_000;
const PING_MS = 30_000;
/** Smaller answers are not worth compressing. */
const MIN_GZIP = 1_024;
/** Code of a close for a server that goes, RFC 6455 §7.4.1. */
const GOING_AWAY = 1001;
const GRACE_MS = 3_000;
const inflate = promisify<Buffer, object, Buffer>(gunzip);
const deflate = promisify<Uint8Array, Buffer>(gzip);

/** A request that is answered with an error. */
class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly headers: OutgoingHttpHeaders = {},
  ) {
    super(message);
  }
}

/** OpAMP (opentelemetry.io/docs/specs/opamp), over WebSocket and plain HTTP, on a port of its own. */
@Injectable()
export class OpampServer implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('OpAMP');
  private readonly server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 75_000 });
  private readonly sockets = new WebSocketServer({
    ...{ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES },
  });
  private readonly open = new Map<AgentSocket, () => void>();
  private readonly admission = new Admission(MAX_PENDING_BYTES);
  private readonly timer = setInterval(() => this.check(), PING_MS).unref();
  private closing = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly agents: Agents,
    private readonly senders: Senders,
    private readonly metrics: Metrics,
  ) {
    metrics.gauge('spanwarden_opamp_connections', 'Open WebSockets of OpAMP agents', () => this.open.size);
    this.server.on('request', (request, response) => {
      this.answer(request, response).catch((error: unknown) => this.refuse(request, response, error));
    });
    this.server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.upgrade(request, socket, head).catch((error: unknown) => refuseUpgrade(socket, error));
    });
  }

  /** Where the server listens: known once the application has started. */
  get port(): number {
    return (this.server.address() as { port: number }).port;
  }

  async onApplicationBootstrap(): Promise<void> {
    await new Promise<void>((done, failed) => {
      this.server.once('error', failed);
      this.server.listen({ host: this.config.host, port: this.config.opampPort }, done);
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    clearInterval(this.timer);
    for (const close of this.open.values()) close();
    const patience = setTimeout(() => {
      for (const socket of this.open.keys()) socket.close();
      this.server.closeAllConnections();
    }, GRACE_MS);
    if (this.server.listening) await new Promise((done) => this.server.close(done));
    clearTimeout(patience);
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (pathOf(request) !== OPAMP_PATH) throw new Refused(404, `path: not found; POST ${OPAMP_PATH}, or a WebSocket`);
    if (request.method !== 'POST') throw new Refused(405, 'method: only POST, or a WebSocket', { allow: 'POST' });
    await this.authorise(request);
    if (this.closing) throw unavailable(503, 'server: shutting down; send it again');
    const encoding = encodingOf(request);
    const message = await this.read(request, encoding);
    const raw = decodeAgentMessage(message);
    const body = encodeServerMessage(raw.instance, await this.agents.receive(raw, null));
    this.count('http', 'answered');
    const zipped = body.length >= MIN_GZIP && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    const headers = { 'content-type': MEDIA_TYPE, ...(zipped && { 'content-encoding': 'gzip' }) };
    const sent = zipped ? await deflate(body) : body;
    response.writeHead(200, { ...headers, 'content-length': sent.length }).end(sent);
  }

  /** Reads a body, in bounds: of itself, and of all that are read at once. */
  private async read(request: IncomingMessage, encoding: 'gzip' | 'identity'): Promise<Uint8Array> {
    const expected = Number(request.headers['content-length'] ?? 0);
    if (expected > MAX_MESSAGE_BYTES) throw tooLarge();
    let reserved = 0;
    const reserve = (bytes: number): void => {
      if (!this.admission.enter(bytes))
        throw unavailable(429, 'server: too many requests in work; send it again later');
      reserved += bytes;
    };
    try {
      reserve(expected);
      const chunks: Buffer[] = [];
      let length = 0;
      for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        length += chunk.length;
        if (length > MAX_MESSAGE_BYTES) throw tooLarge();
        if (length > reserved) reserve(length - reserved);
        chunks.push(chunk);
      }
      const body = Buffer.concat(chunks);
      return encoding === 'gzip' ? await unzip(body) : body;
    } finally {
      this.admission.leave(reserved);
    }
  }

  private async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (pathOf(request) !== OPAMP_PATH) throw new Refused(404, `path: not found; ${OPAMP_PATH}`);
    await this.authorise(request);
    if (this.closing) throw unavailable(503, 'server: shutting down; connect again');
    if (this.open.size >= MAX_CONNECTIONS) throw unavailable(503, 'server: too many connections; connect again later');
    this.sockets.handleUpgrade(request, socket, head, (connection) => {
      const agent = new AgentSocket(
        connection,
        (message, link) => this.agents.receive(message, link),
        (outcome) => this.count('websocket', outcome),
      );
      this.open.set(agent, () => connection.close(GOING_AWAY));
      // What broke, such as a message that is too large, was told by ws, which closes with the code for it.
      connection.on('error', () => {});
      connection.on('close', () => {
        this.open.delete(agent);
        this.agents.ended(agent);
      });
    });
  }

  private async authorise({ headers }: IncomingMessage): Promise<void> {
    // As of other access to policies a token is asked for, wherever the agent is.
    if (await this.senders.maySend(undefined, headers.authorization, true)) return;
    const message = 'authorization: missing or wrong; the collector token, as bearer';
    throw new Refused(401, message, { 'www-authenticate': 'Bearer' });
  }

  /** Asks all connections for a sign of life; those that give one are there. */
  private check(): void {
    for (const socket of this.open.keys()) if (socket.check()) this.agents.alive(socket);
  }

  private count(transport: string, outcome: string): void {
    this.metrics.opampMessages.inc({ transport, outcome });
  }

  private refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
    this.count('http', 'refused');
    if (!request.complete && request.destroyed) return;
    // What is still coming is thrown away, so that the sender gets to read the answer.
    request.resume();
    if (error instanceof BadMessage) {
      const body = encodeServerMessage(new Uint8Array(0), { error: 'bad-request', what: error.message });
      response.writeHead(400, { 'content-type': MEDIA_TYPE }).end(body);
      return;
    }
    const { status, message, headers } = known(error, (text) => this.log.error(text));
    response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(`${message}\n`);
  }
}

function known(error: unknown, log: (text: string) => void): Refused {
  if (error instanceof Refused) return error;
  log(`a message could not be taken (${error instanceof Error ? error.name : 'unknown error'})`);
  return unavailable(503, 'server: cannot take messages now; send it again later');
}

function refuseUpgrade(socket: Duplex, error: unknown): void {
  const { status, message, headers } = known(error, () => {});
  const lines = Object.entries({ ...headers, connection: 'close', 'content-length': message.length + 1 });
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${message}\n`);
}

function unavailable(status: 429 | 503, message: string): Refused {
  return new Refused(status, message, { 'retry-after': String(RETRY_SECONDS) });
}

function tooLarge(): Refused {
  return new Refused(413, `body: too large; at most ${MAX_MESSAGE_BYTES} bytes, after decompression`);
}

async function unzip(body: Buffer): Promise<Buffer> {
  try {
    return await inflate(body, { maxOutputLength: MAX_MESSAGE_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge();
    throw new BadMessage('body: not gzip, though content-encoding says so; gzip');
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]!;
}

function encodingOf({ headers }: IncomingMessage): 'gzip' | 'identity' {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type !== MEDIA_TYPE) throw new Refused(415, `content-type: not supported; ${MEDIA_TYPE}`);
  const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'gzip' || encoding === 'identity') return encoding;
  throw new Refused(415, 'content-encoding: not supported; gzip or none', { 'accept-encoding': 'gzip, identity' });
}
