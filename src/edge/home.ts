import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a running process can be reached; `spanwarden demo` and `doctor` look here. */
export interface Endpoints {
  readonly pid: number;
  readonly http: string;
  readonly otlpHttp: string | null;
  readonly otlpGrpc: string | null;
  /** Of OpAMP over HTTP; over WebSocket it is the same with `ws:`. */
  readonly opamp: string | null;
  /** Jaeger remote sampling. */
  readonly samplingHttp: string | null;
  readonly samplingGrpc: string | null;
}

const ENDPOINTS = 'endpoints.json';

/** Makes the home folder; others may pass through it (PostgreSQL may run as another user) but not list it. */
export function makeHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o711 });
}

/**
 * Takes the home folder for this process. Two processes in one home would fight over its database.
 *
 * @throws when another process that is alive has it
 */
export function lockHome(home: string): () => void {
  const file = join(home, 'lock');
  const holder = readNumber(file);
  if (holder !== null && holder !== process.pid && isSpanwarden(holder)) {
    throw new Error(
      `another spanwarden (process ${holder}) uses ${home}; stop it, or set SPANWARDEN_HOME to another folder`,
    );
  }
  writeFileSync(file, `${process.pid}\n`);
  return () => {
    rmSync(file, { force: true });
    rmSync(join(home, ENDPOINTS), { force: true });
  };
}

export function writeEndpoints(home: string, endpoints: Endpoints): void {
  writeFileSync(join(home, ENDPOINTS), `${JSON.stringify(endpoints, null, 2)}\n`);
}

/** Where the process of a home folder listens; null when none runs. */
export function readEndpoints(home: string): Endpoints | null {
  try {
    const endpoints = JSON.parse(readFileSync(join(home, ENDPOINTS), 'utf8')) as Endpoints;
    return isSpanwarden(endpoints.pid) ? endpoints : null;
  } catch {
    return null;
  }
}

function readNumber(file: string): number | null {
  try {
    return Number(readFileSync(file, 'utf8')) || null;
  } catch {
    return null;
  }
}

/** Whether the process lives and, where that can be seen, is one of ours: process numbers are used again. */
function isSpanwarden(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('main.js');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
