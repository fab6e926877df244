import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stringify } from 'yaml';
import { freePort } from '../../src/edge/ports.js';
import { ROOT } from '../support/service.js';

const { collectorBinary } = (await import(pathToFileURL(join(ROOT, 'scripts', 'collector.mjs')).href)) as {
  collectorBinary(): string | null;
};
export const COLLECTOR_BINARY = collectorBinary();

/** What is missing for this suite, or null. */
export const MISSING_COLLECTOR =
  COLLECTOR_BINARY === null
    ? 'There is no collector; run node scripts/collector.mjs (it needs Go), or set OTELCOL_BIN.'
    : null;

/** What policies that hash with a key need of a collector's environment. */
export const HASH_KEY = 'a key of 32 bytes or more for tests';

export type CollectorConfig = Readonly<Record<string, unknown>>;

/** What `otelcol validate` says of configurations that are merged in this order; empty when it takes them. */
export function validate(configs: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const { status, stderr } = runCollector('validate', configs, [], { SPANWARDEN_HMAC_KEY: HASH_KEY, ...env });
  return status === 0 ? '' : stderr.trim() || `ended with ${status}`;
}

/** What a collector makes of configurations that are merged in this order, as YAML; nothing in it is hidden. */
export function printConfig(configs: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const flags = ['--mode=unredacted'];
  const { status, stdout, stderr } = runCollector('print-config', configs, flags, {
    SPANWARDEN_HMAC_KEY: HASH_KEY,
    ...env,
  });
  if (status !== 0) throw new Error(`the collector prints no configuration: ${stderr}`);
  return stdout;
}

function runCollector(
  command: string,
  configs: readonly string[],
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
) {
  const args = [command, ...flags, ...configs.map((config) => `--config=${config}`)];
  const options = { encoding: 'utf8', env: { PATH: process.env.PATH, ...env }, maxBuffer: 256 * 1024 * 1024 } as const;
  return spawnSync(COLLECTOR_BINARY!, args, options);
}

export interface Collector {
  /** Where it takes OTLP over HTTP. */
  readonly endpoint: string;
  readonly pid: number;
  /** Reads its configuration again. */
  reload(): void;
  readonly isRunning: () => boolean;
  output(): string;
  stop(): Promise<void>;
}

/** A collector on a free port, of configurations that are merged in order: paths, URLs or `yaml:` texts. */
export async function startCollector(
  configs: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Collector> {
  const [http, grpc] = [await freePort(), await freePort()];
  const ports = [
    `yaml:receivers::otlp::protocols::http::endpoint: 127.0.0.1:${http}`,
    `yaml:receivers::otlp::protocols::grpc::endpoint: 127.0.0.1:${grpc}`,
    'yaml:service::telemetry::metrics::level: none',
  ];
  let printed = '';
  const child = spawn(
    COLLECTOR_BINARY!,
    [...configs, ...ports].map((config) => `--config=${config}`),
    {
      env: { PATH: process.env.PATH, SPANWARDEN_HMAC_KEY: HASH_KEY, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await untilReady(child, () => printed);
  return {
    endpoint: `http://127.0.0.1:${http}`,
    pid: child.pid!,
    reload: () => void child.kill('SIGHUP'),
    isRunning: () => child.exitCode === null && child.signalCode === null,
    output: () => printed,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilReady(child: ChildProcess, printed: () => string): Promise<void> {
  for (let i = 0; i < 400; i++) {
    if (child.exitCode !== null) throw new Error(`the collector ended with ${child.exitCode}: ${printed()}`);
    if (/Everything is ready/.test(printed())) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error(`the collector is not ready after 20 seconds: ${printed()}`);
}

/** A folder for configurations and for what a collector's file exporter writes. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'spanwarden-collector-'));

  write(name: string, config: CollectorConfig | string): string {
    const file = join(this.path, name);
    writeFileSync(file, typeof config === 'string' ? config : stringify(config));
    return file;
  }

  read(name: string): string {
    const file = join(this.path, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
