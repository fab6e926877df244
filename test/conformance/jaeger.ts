import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../../src/edge/ports.js';
import { ROOT } from '../support/service.js';
import { Folder } from './collector.js';

const { jaegerBinary } = (await import(pathToFileURL(join(ROOT, 'scripts', 'jaeger.mjs')).href)) as {
  jaegerBinary(): string | null;
};
const JAEGER_BINARY = jaegerBinary();

/** What is missing for tests with Jaeger, or null. */
export const MISSING_JAEGER =
  JAEGER_BINARY === null ? 'There is no Jaeger; run node scripts/jaeger.mjs (it needs Go), or set JAEGER_BIN.' : null;

export interface Jaeger {
  /** Where SDKs ask it for their sampling. */
  readonly http: string;
  readonly grpc: string;
  output(): string;
  stop(): Promise<void>;
}

/** A Jaeger that serves the strategies of a file at an address, which it reads once a second. */
export async function startJaeger(strategies: string): Promise<Jaeger> {
  const [http, grpc, otlp] = [await freePort(), await freePort(), await freePort()];
  const folder = new Folder();
  const config = folder.write('jaeger.yaml', {
    service: {
      extensions: ['jaeger_storage', 'remote_sampling'],
      pipelines: { traces: { receivers: ['otlp'], exporters: ['nop'] } },
      telemetry: { metrics: { level: 'none' } },
    },
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlp}` } } } },
    exporters: { nop: {} },
    extensions: {
      // Of no use here, but the other one asks for it.
      jaeger_storage: { backends: { none: { memory: { max_traces: 1 } } } },
      remote_sampling: {
        file: { path: strategies, default_sampling_probability: 0.001, reload_interval: '1s' },
        http: { endpoint: `127.0.0.1:${http}` },
        grpc: { endpoint: `127.0.0.1:${grpc}` },
      },
    },
  });
  let printed = '';
  const child = spawn(JAEGER_BINARY!, ['--config', `file:${config}`], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  for (let i = 0; !/Everything is ready/.test(printed); i++) {
    if (child.exitCode !== null) throw new Error(`Jaeger ended with ${child.exitCode}: ${printed}`);
    if (i > 600) {
      child.kill('SIGKILL');
      throw new Error(`Jaeger is not ready after 30 seconds: ${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    ...{ http: `http://127.0.0.1:${http}`, grpc: `127.0.0.1:${grpc}` },
    output: () => printed,
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
      folder.remove();
    },
  };
}
