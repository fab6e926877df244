import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { WIRE_FORMATS, type WireFormatName } from '../../engine/decode/formats.js';
import { formatProblem } from '../../engine/problem.js';
import type { ContentEncoding } from '../../flow/ports.js';
import { exportResponse, RPC, rpcStatus } from './otlp-messages.js';
import { GRACE_MS, Receiver } from './receiver.js';

const PATH = '/v1/traces';
const ENCODINGS: Readonly<Record<string, ContentEncoding>> = { '': 'identity', identity: 'identity', gzip: 'gzip' };
const SECONDS = 1000;

/** A request that is answered with an error: an HTTP status and what google.rpc.Status says. */
class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** OTLP over HTTP, as opentelemetry-proto docs/specification.md asks for it, on a port of its own. */
@Injectable()
export class OtlpHttpReceiver implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('OTLP/HTTP');
  private readonly server: FastifyInstance;

  constructor(private readonly receiver: Receiver) {
    this.server = fastify({
      requestTimeout: 30 * SECONDS,
      keepAliveTimeout: 75 * SECONDS,
      forceCloseConnections: 'idle',
      exposeHeadRoutes: false,
      maxRequestsPerSocket: 10_000,
      http: { headersTimeout: 10 * SECONDS },
    });
    this.server.removeAllContentTypeParsers();
    // Bodies are read by `readBody`, which stops at the limit and counts what is in memory.
    this.server.addContentTypeParser('*', (_request, _payload, done) => done(null));
    this.server.post(PATH, (request, reply) => this.answer(request, reply));
    this.server.route({
      method: ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'],
      url: PATH,
      handler: (request, reply) =>
        this.refuse(request, reply, new Refused(405, RPC.unimplemented, 'method: only POST', { allow: 'POST' })),
    });
    this.server.setNotFoundHandler((request, reply) =>
      this.refuse(request, reply, new Refused(404, RPC.unimplemented, `path: not found; POST ${PATH}`)),
    );
    this.server.setErrorHandler((error, request, reply) => this.fail(error, request, reply));
  }

  /** Where the server listens: known once the application has started. */
  get port(): number {
    return (this.server.server.address() as { port: number }).port;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { host, otlpHttpPort } = this.receiver.config;
    await this.server.listen({ host, port: otlpHttpPort });
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.receiver.close();
    const patience = setTimeout(() => this.server.server.closeAllConnections(), GRACE_MS);
    await this.server.close();
    clearTimeout(patience);
  }

  private async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const format = formatOf(request.headers);
    const encoding = encodingOf(request.headers);
    await this.authorise(request);
    const limit = this.receiver.config.maxRequestBytes;
    const expected = Number(request.headers['content-length'] ?? 0);
    if (expected > limit) throw tooLarge(limit);
    if (!this.receiver.open)
      throw new Refused(503, RPC.unavailable, 'server: shutting down; send again', { 'retry-after': '5' });
    const body = new PendingBody(this.receiver, limit);
    try {
      await body.read(request.raw, expected);
      const receipt = await this.receiver.receive({ body: body.bytes(), encoding, format }, (name) => {
        const value = request.headers[name];
        return typeof value === 'string' ? value : value?.join();
      });
      if (receipt.refused === 'too-large')
        throw new Refused(413, RPC.resourceExhausted, formatProblem(receipt.problem));
      if (receipt.refused !== null) throw new Refused(400, RPC.invalidArgument, formatProblem(receipt.problem));
      this.receiver.metrics.requests.inc({ protocol: 'http', code: '200' });
      reply.header('content-type', WIRE_FORMATS[format].mediaType);
      return await reply.send(exportResponse(format, receipt));
    } finally {
      body.release();
    }
  }

  private async authorise(request: FastifyRequest): Promise<void> {
    const { headers } = request;
    const forwarded = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
    const { remoteAddress } = request.raw.socket;
    if (await this.receiver.senders.maySend(remoteAddress, headers.authorization, forwarded)) return;
    const message = 'authorization: missing or wrong; a bearer token, from any address but loopback';
    throw new Refused(401, RPC.unauthenticated, message, { 'www-authenticate': 'Bearer' });
  }

  private fail(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    if (error instanceof Refused) return this.refuse(request, reply, error);
    const { statusCode = 500, message = '' } = error as Partial<FastifyError>;
    if (statusCode < 500) return this.refuse(request, reply, new Refused(statusCode, RPC.invalidArgument, message));
    // A sender that went away gets no answer, and is nothing to report.
    if (!request.raw.complete) return reply.hijack();
    this.log.error(`a request could not be taken: ${error instanceof Error ? error.message : 'unknown error'}`);
    const later = { 'retry-after': String(4 + Math.ceil(Math.random() * 4)) };
    return this.refuse(
      request,
      reply,
      new Refused(503, RPC.unavailable, 'server: cannot store now; send again', later),
    );
  }

  /** Errors come as google.rpc.Status, in the encoding of the request. */
  private refuse(request: FastifyRequest, reply: FastifyReply, refused: Refused): FastifyReply {
    this.receiver.metrics.requests.inc({ protocol: 'http', code: String(refused.status) });
    const isProtobuf = mediaType(request.headers) === WIRE_FORMATS['otlp-protobuf'].mediaType;
    const format = isProtobuf ? 'otlp-protobuf' : 'otlp-json';
    reply.code(refused.status).headers(refused.headers).header('content-type', WIRE_FORMATS[format].mediaType);
    // What is still coming is thrown away, so that the sender gets to read the answer.
    request.raw.resume();
    const retryAfter = Number(refused.headers['retry-after'] ?? 0);
    return reply.send(rpcStatus(format, refused.code, refused.message, retryAfter));
  }
}

/** A body on its way in: its bytes are counted from the first one on until it is released. */
class PendingBody {
  private chunks: Buffer[] = [];
  private received = 0;
  private reserved = 0;

  constructor(
    private readonly receiver: Receiver,
    private readonly limit: number,
  ) {}

  async read(stream: Readable, expected: number): Promise<void> {
    this.reserve(expected);
    // Leaving early must not destroy the request, whose answer is still to be read.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      this.received += chunk.length;
      if (this.received > this.limit) throw tooLarge(this.limit);
      if (this.received > this.reserved) this.reserve(this.received - this.reserved);
      this.chunks.push(chunk);
    }
  }

  bytes(): Uint8Array {
    const body = new Uint8Array(this.received);
    let at = 0;
    for (const chunk of this.chunks) {
      body.set(chunk, at);
      at += chunk.length;
    }
    this.chunks = [];
    return body;
  }

  release(): void {
    this.receiver.admission.leave(this.reserved);
    this.reserved = 0;
    this.chunks = [];
  }

  private reserve(bytes: number): void {
    if (!this.receiver.admission.enter(bytes)) {
      const message = 'server: too many requests in work; send again later';
      throw new Refused(429, RPC.resourceExhausted, message, {
        'retry-after': String(1 + Math.ceil(Math.random() * 2)),
      });
    }
    this.reserved += bytes;
  }
}

function tooLarge(limit: number): Refused {
  return new Refused(413, RPC.resourceExhausted, `body: too large; at most ${limit} bytes`);
}

function mediaType(headers: IncomingHttpHeaders): string {
  return (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
}

function formatOf(headers: IncomingHttpHeaders): WireFormatName {
  const type = mediaType(headers);
  for (const [name, format] of Object.entries(WIRE_FORMATS)) {
    if (format.mediaType === type) return name as WireFormatName;
  }
  const allowed = Object.values(WIRE_FORMATS).map((format) => format.mediaType);
  throw new Refused(415, RPC.invalidArgument, `content-type: not supported; ${allowed.join(' or ')}`);
}

function encodingOf(headers: IncomingHttpHeaders): ContentEncoding {
  const encoding = ENCODINGS[(headers['content-encoding'] ?? '').trim().toLowerCase()];
  if (encoding !== undefined) return encoding;
  const headersOut = { 'accept-encoding': 'gzip, identity' };
  throw new Refused(415, RPC.invalidArgument, 'content-encoding: not supported; gzip or none', headersOut);
}
