import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';
import { freePort } from '../../src/edge/ports.js';
import { TOKEN } from '../support/opamp.js';
import { ROOT } from '../support/service.js';
import { COLLECTOR_BINARY, Folder, MISSING_COLLECTOR } from './collector.js';

const { supervisorBinary } = (await import(pathToFileURL(join(ROOT, 'scripts', 'supervisor.mjs')).href)) as {
  supervisorBinary(): string | null;
};
const SUPERVISOR_BINARY = supervisorBinary();

/** What is missing for suites with a supervisor, or null. */
export const MISSING_SUPERVISOR =
  MISSING_COLLECTOR ??
  (SUPERVISOR_BINARY === null
    ? 'There is no OpAMP supervisor; run node scripts/supervisor.mjs (it needs Go), or set OPAMP_SUPERVISOR_BIN.'
    : null);

export interface Supervisor {
  /** Where its collector takes OTLP over HTTP. */
  readonly endpoint: string;
  readonly isRunning: () => boolean;
  output(): string;
  /** Ends it; with `remove` it knows nothing at its next start. */
  stop(): Promise<void>;
}

/** The configuration of a collector with a slot for policies, as its owner writes it. */
export function ownConfig(file: string, otlpPort: number): object {
  return {
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${otlpPort}` } } } },
    processors: { 'transform/spanwarden': { error_mode: 'ignore' } },
    exporters: { file: { path: file, flush_interval: '100ms', append: true } },
    service: {
      pipelines: {
        traces: { receivers: ['otlp'], processors: ['transform/spanwarden'], exporters: ['file'] },
      },
      telemetry: { metrics: { level: 'none' } },
    },
  };
}

/** The OpAMP supervisor with a collector below it. */
export async function startSupervisor(server: string, folder: Folder, output: string): Promise<Supervisor> {
  const otlpPort = await freePort();
  const config = folder.write('own.yaml', ownConfig(join(folder.path, output), otlpPort) as Record<string, unknown>);
  // What ships as an example, on this machine.
  const example = parse(readFileSync(join(ROOT, 'deploy', 'supervisor.yaml'), 'utf8'));
  const file = folder.write('supervisor.yaml', {
    ...example,
    server: { ...example.server, endpoint: server },
    agent: { ...example.agent, executable: COLLECTOR_BINARY, config_files: [config] },
    storage: { directory: join(folder.path, 'storage') },
    telemetry: { logs: { level: 'debug', output_paths: ['stdout'] } },
  });
  let printed = '';
  const child = spawn(SUPERVISOR_BINARY!, ['--config', file], {
    env: { PATH: process.env.PATH, SPANWARDEN_COLLECTOR_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString('utf8');
    });
  }
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    endpoint: `http://127.0.0.1:${otlpPort}`,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    output: () => printed,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await ended;
      rmSync(join(folder.path, 'storage'), { recursive: true, force: true });
    },
  };
}
