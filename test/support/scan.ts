import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { ScanFormatName } from '../../src/edge/scan/formats/index.js';
import type { ScanOptions } from '../../src/edge/scan/prepare.js';
import { runScan } from '../../src/edge/scan/scan.js';
import { EVERYTHING, type FailOn } from '../../src/edge/scan/selection.js';
import type { Confidence, FindingKind, Severity } from '../../src/engine/model/finding.js';
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

/** Paths and options as the command line takes them apart; of the long options only, each with its value behind it. */
export function optionsOf(args: readonly string[]): [string[], Partial<ScanOptions>] {
  const paths: string[] = [];
  const given = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (!arg.startsWith('--')) paths.push(arg);
    else given.set(arg, [...(given.get(arg) ?? []), arg.startsWith('--no-') ? '' : args[++i]!]);
  }
  const all = (name: string): string[] => given.get(name) ?? [];
  const one = <T extends string>(name: string): T | undefined => all(name).at(-1) as T | undefined;
  const selection = {
    minSeverity: one<Severity>('--min-severity') ?? EVERYTHING.minSeverity,
    minConfidence: one<Confidence>('--min-confidence') ?? EVERYTHING.minConfidence,
    kinds: all('--kind') as FindingKind[],
    detectors: all('--detector'),
    excludedDetectors: all('--exclude-detector'),
  };
  const options = {
    format: one<ScanFormatName>('--format') ?? 'table',
    output: one('--output') ?? null,
    failOn: one<FailOn>('--fail-on') ?? 'any',
    selection,
    baseline: one('--baseline') ?? null,
    writeBaseline: one('--write-baseline') ?? null,
    rules: { dirs: all('--rules'), shipped: !given.has('--no-default-rules') },
  };
  return [paths, options];
}
