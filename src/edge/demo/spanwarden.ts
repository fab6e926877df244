import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readEndpoints } from '../home.js';
import { type Child, startChild } from './child.js';

/** The spanwarden that the demo talks to. */
export interface Spanwarden {
  readonly http: string;
  readonly otlpHttp: string;
  readonly token: string;
  /** The process, where the demo started it; null for one that ran already. */
  readonly child: Child | null;
  /** The one-time link that the started process printed; otherwise null. */
  readonly signInLink: string | null;
}

const MAIN = join(import.meta.dirname, '..', '..', 'main.js');
/** A first start copies and initialises a database. */
const START_MS = 180_000;
const FOR_THE_DEMO = {
  SPANWARDEN_HOST: '127.0.0.1',
  SPANWARDEN_HTTP_PORT: '0',
  SPANWARDEN_OTLP_HTTP_PORT: '0',
  SPANWARDEN_OTLP_GRPC_PORT: '0',
  SPANWARDEN_OPAMP_PORT: '0',
  SPANWARDEN_SAMPLING_HTTP_PORT: '0',
  SPANWARDEN_SAMPLING_GRPC_PORT: '0',
  SPANWARDEN_ROLES: 'all',
  SPANWARDEN_PUBLIC_URL: '',
  // Nobody wants to wait half a minute for the end of a demo.
  SPANWARDEN_TRACE_IDLE_SECONDS: '5',
};

/** The spanwarden that runs in `home`; null when none does. */
export function runningSpanwarden(home: string): Spanwarden | null {
  const endpoints = readEndpoints(home);
  if (endpoints === null) return null;
  if (endpoints.otlpHttp === null) {
    throw new Error(`the spanwarden in ${shown(home)} does not receive spans; SPANWARDEN_ROLES must contain ingest`);
  }
  return { http: endpoints.http, otlpHttp: endpoints.otlpHttp, token: adminToken(home), child: null, signInLink: null };
}

/** Starts a spanwarden in `home`, with its own database, and waits until it is ready. */
export async function startSpanwarden(
  home: string,
  own: (child: Child) => void,
  signal: AbortSignal,
): Promise<Spanwarden> {
  const child = startChild([MAIN], process.cwd(), { ...FOR_THE_DEMO, SPANWARDEN_HOME: home });
  own(child);
  let link: string | null = null;
  child.onLine((line) => {
    link = /\S+\/ui\/sign-in#\S+/.exec(line)?.[0] ?? link;
  });
  const deadline = Date.now() + START_MS;
  while (readEndpoints(home)?.pid !== child.pid) {
    if (child.hasEnded()) throw new Error('spanwarden did not start; run npm start to see why');
    if (Date.now() > deadline) throw new Error(`spanwarden did not start within ${START_MS / 1000} s`);
    await sleep(100, undefined, { signal });
  }
  const running = runningSpanwarden(home);
  if (running === null) throw new Error('spanwarden ended as soon as it had started; run npm start to see why');
  while (link === null && !child.hasEnded() && Date.now() < deadline) await sleep(20, undefined, { signal });
  return { ...running, child, signInLink: link };
}

function adminToken(home: string): string {
  const given = process.env.SPANWARDEN_ADMIN_TOKEN;
  return given ? given : readFileSync(join(home, 'admin-token'), 'utf8').trim();
}

/** A path as one would type it here. */
export function shown(path: string): string {
  const short = relative('.', path) || '.';
  return short.startsWith('..') ? path : short;
}
