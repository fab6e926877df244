import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Endpoints, readEndpoints } from '../../src/edge/home.js';

/** The repository: tests run from `dist/test`. */
export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A spanwarden in a process of its own, on free ports of the loopback interface. */
export interface Service {
  readonly home: string;
  readonly endpoints: Endpoints;
  readonly adminToken: string;
  /** The one-time sign-in link of this start. */
  readonly signInUrl: string;
  readonly pid: number;
  /** Everything the process printed so far. */
  output(): string;
  /** Asks the API as admin; the body as JSON where it is some. */
  api<T>(path: string, init?: RequestInit): Promise<{ status: number; headers: Headers; text: string; body: T }>;
  /** Sends an OTLP request in protobuf. */
  send(body: Uint8Array, headers?: Record<string, string>): Promise<Response>;
  /** Ends the process in order; the home folder stays unless `remove` is set. */
  stop(options?: { remove?: boolean }): Promise<void>;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A home folder to begin with; otherwise a new one. */
  readonly home?: string;
}

const START_SECONDS = 60;

export async function startService({ env = {}, home = newHome() }: ServiceOptions = {}): Promise<Service> {
  let printed = '';
  const child = spawn(process.execPath, ['--enable-source-maps', join(ROOT, 'dist', 'src', 'main.js')], {
    env: {
      PATH: process.env.PATH,
      SPANWARDEN_HOME: home,
      SPANWARDEN_HTTP_PORT: '0',
      SPANWARDEN_OTLP_HTTP_PORT: '0',
      SPANWARDEN_OTLP_GRPC_PORT: '0',
      SPANWARDEN_OPAMP_PORT: '0',
      SPANWARDEN_SAMPLING_HTTP_PORT: '0',
      SPANWARDEN_SAMPLING_GRPC_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoints = await untilReady(child, home, () => printed);
  const adminToken = env.SPANWARDEN_ADMIN_TOKEN ?? readFileSync(join(home, 'admin-token'), 'utf8').trim();
  return {
    home,
    endpoints,
    adminToken,
    signInUrl: /\S+\/ui\/sign-in#\S+/.exec(printed)?.[0] ?? '',
    pid: child.pid!,
    output: () => printed,
    async api<T>(path: string, init: RequestInit = {}) {
      const headers = { authorization: `Bearer ${adminToken}`, ...(init.headers as Record<string, string>) };
      const response = await fetch(`${endpoints.http}${path}`, { ...init, headers });
      const text = await response.text();
      const isJson = /json\b/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (isJson ? JSON.parse(text) : text) as T,
      };
    },
    send: (body, headers = {}) =>
      fetch(`${endpoints.otlpHttp}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', ...headers },
        body: new Uint8Array(body),
      }),
    async stop({ remove = true } = {}) {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
      if (remove) rmSync(home, { recursive: true, force: true });
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A new folder that another user, as whom PostgreSQL may run, can pass through. */
export function newHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spanwarden-test-'));
  chmodSync(folder, 0o711);
  return folder;
}

async function untilReady(child: ChildProcess, home: string, printed: () => string): Promise<Endpoints> {
  for (let i = 0; i < START_SECONDS * 20; i++) {
    if (child.exitCode !== null) throw new Error(`spanwarden ended with ${child.exitCode}: ${printed()}`);
    const endpoints = existsSync(home) ? readEndpoints(home) : null;
    if (endpoints?.pid === child.pid && /spanwarden is ready/.test(printed())) return endpoints!;
    await sleep(50);
  }
  child.kill('SIGKILL');
  throw new Error(`spanwarden is not ready after ${START_SECONDS} seconds: ${printed()}`);
}

/** Asks until the answer holds; fails with what was answered last. */
export async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean, seconds = 20): Promise<T> {
  let answer = await ask();
  for (let i = 0; i < seconds * 10 && !holds(answer); i++) {
    await sleep(100);
    answer = await ask();
  }
  if (!holds(answer)) throw new Error(`still not so after ${seconds} s: ${JSON.stringify(answer).slice(0, 2000)}`);
  return answer;
}
