import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ScanOptions } from '../../src/edge/scan/prepare.js';
import { runScan } from '../../src/edge/scan/scan.js';
import { EVERYTHING } from '../../src/edge/scan/selection.js';
import { ROOT } from './service.js';

export interface ScanRun {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a process of its own. */
export function spanwarden(
  args: readonly string[],
  input: Uint8Array | string = '',
  env: Readonly<Record<string, string>> = {},
  cwd: string = ROOT,
): ScanRun {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, 'scripts', 'spanwarden.mjs'), ...args], {
    ...{ input, cwd, encoding: 'utf8' as const },
    env: { PATH: process.env.PATH, ...env },
  });
  return { status, stdout, stderr };
}

/** Runs a scan in this process, which is faster. */
export async function scanHere(paths: readonly string[], options: Partial<ScanOptions> = {}): Promise<ScanRun> {
  const written: string[] = [];
  const warned: string[] = [];
  const status = await runScan(
    {
      ...{ paths, format: 'table', output: null, failOn: 'any', selection: EVERYTHING, baseline: null },
      ...{ writeBaseline: null, rules: { dirs: [], shipped: true } },
      ...options,
    },
    {
      version: '0.0.0',
      write: (text) => void written.push(text),
      warn: (line) => void warned.push(`${line}\n`),
      terminal: null,
    },
  );
  return { status, stdout: written.join(''), stderr: warned.join('') };
}
