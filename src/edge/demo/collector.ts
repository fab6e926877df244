import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { RULES_DIR } from '../files/rule-files.js';
import { freePort } from '../ports.js';
import type { Stage } from './stage.js';

/** The name under which the collector of the demo sends. */
export const COLLECTOR = 'demo';

/** A collector between the shop and spanwarden, with the slots that policies fill. */
export interface DemoCollector {
  readonly program: string;
  /** Where it takes OTLP over HTTP. */
  readonly endpoint: string;
  /** Its own configuration, and the one behind it that an agent writes. */
  readonly base: string;
  readonly policies: string;
  readonly pid: number;
  /** Puts nothing in the place of the policies, as somebody would who edits the wrong file. */
  forgetPolicies(): void;
  hasEnded(): boolean;
}

const START_MS = 30_000;
const NO_POLICIES = 'processors: {}\n';
const PROGRAM = 'otelcol-contrib';
const NEEDED = `a collector is needed: ${PROGRAM} in the PATH, OTELCOL_BIN, or node scripts/collector.mjs, which builds one with Go`;

/** OTELCOL_BIN, the one that the conformance suite built, or one in the PATH. */
async function findCollector(): Promise<string> {
  const script = pathToFileURL(join(RULES_DIR, '..', 'scripts', 'collector.mjs')).href;
  const { collectorBinary } = (await import(script)) as { collectorBinary(): string | null };
  const found = collectorBinary() ?? inPath(PROGRAM);
  if (found === null) throw new Error(NEEDED);
  return found;
}

function inPath(name: string): string | null {
  const paths = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a collector that sends to `otlpHttp`. */
export async function startDemoCollector(otlpHttp: string, { undo, signal, tell }: Stage): Promise<DemoCollector> {
  const program = await findCollector();
  const folder = mkdtempSync(join(tmpdir(), 'spanwarden-demo-'));
  undo(() => rmSync(folder, { recursive: true, force: true }));
  const [http, grpc] = [await freePort(), await freePort()];
  const [base, policies] = [join(folder, 'collector.yaml'), join(folder, 'policies.yaml')];
  writeFileSync(base, stringify(configuration(http, grpc, otlpHttp)));
  writeFileSync(policies, NO_POLICIES);
  tell(`collector: starting ${program} …`);
  const child = spawn(program, [`--config=${base}`, `--config=${policies}`], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => {
    printed = (printed + chunk.toString('utf8')).slice(-10_000);
  });
  const ended = new Promise<void>((done) => {
    child.once('error', () => done());
    child.once('exit', () => done());
  });
  undo(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await ended;
  });
  const hasEnded = (): boolean => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  for (const deadline = Date.now() + START_MS; !/Everything is ready/.test(printed); ) {
    if (hasEnded() || Date.now() > deadline) throw new Error(`the collector does not start; ${NEEDED}`);
    await sleep(50, undefined, { signal });
  }
  return {
    ...{ program, base, policies, pid: child.pid!, hasEnded },
    endpoint: `http://127.0.0.1:${http}`,
    forgetPolicies() {
      writeFileSync(policies, NO_POLICIES);
      child.kill('SIGHUP');
    },
  };
}

function configuration(http: number, grpc: number, otlpHttp: string): object {
  const slot = 'transform/spanwarden';
  return {
    receivers: {
      otlp: {
        protocols: { http: { endpoint: `127.0.0.1:${http}` }, grpc: { endpoint: `127.0.0.1:${grpc}` } },
      },
    },
    processors: { [slot]: { error_mode: 'ignore' } },
    exporters: {
      'otlp_http/spanwarden': { endpoint: otlpHttp, headers: { 'spanwarden-collector': COLLECTOR } },
    },
    service: {
      telemetry: { metrics: { level: 'none' } },
      pipelines: { traces: { receivers: ['otlp'], processors: [slot], exporters: ['otlp_http/spanwarden'] } },
    },
  };
}
