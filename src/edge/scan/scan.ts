import { randomBytes, randomInt } from 'node:crypto';
import { KeyedHash } from '../../engine/cardinality/keyed-hash.js';
import { Scanner } from '../../engine/detect/scanner.js';
import { SensitiveKeys } from '../../engine/detect/sensitive-keys.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import { formatProblem } from '../../engine/problem.js';
import { Analyser } from '../../flow/analyse.js';
import { scanFiles } from '../../flow/scan.js';
import { keyedFingerprint } from '../auth/fingerprint.js';
import { loadRules, RULES_DIR } from '../files/rule-files.js';
import { patternCompiler } from '../regex/index.js';
import { SCAN_FORMATS, type ScanFormatName, type ScanOccurrence } from './formats/index.js';
import { readTraceFile } from './trace-file.js';

/** Exit codes of `spanwarden scan`. */
export const EXIT = { clean: 0, findings: 1, usage: 2, unreadable: 5, unexpected: 128 } as const;

export interface ScanOptions {
  readonly files: readonly string[];
  readonly format: ScanFormatName;
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
}

/** Scans trace files and writes what was found. Gives the exit code; a file that could not be read is never clean. */
export async function runScan({ files, format, write, warn }: ScanOptions): Promise<number> {
  const { compiler } = patternCompiler();
  const { rules, problems } = loadRules(RULES_DIR, compiler);
  if (problems.length > 0) throw new Error(problems.map(formatProblem).join('\n'));
  const occurrences: ScanOccurrence[] = [];
  const place = { file: '', line: 0 };
  // Nothing outlives the run, so its keys do not either.
  const key = randomBytes(32);
  const analyser = new Analyser({
    scanner: new Scanner(rules.detectors, compiler, keyedFingerprint(key)),
    conventions: new ConventionRegistry(rules.conventions),
    sensitiveKeys: new SensitiveKeys(rules.sensitiveKeys),
    hash: new KeyedHash(key.subarray(0, 16)),
    seed: randomInt(2 ** 32),
    memoSlots: 1 << 16,
    onOccurrence: (occurrence) => occurrences.push({ ...occurrence, ...place }),
  });
  const result = await scanFiles(files, readTraceFile, analyser, Date.now(), (file, line) => {
    place.file = file;
    place.line = line;
  });
  write(SCAN_FORMATS[format]({ result, occurrences, detectors: rules.detectors }));
  const unreadable = result.files.flatMap((file) => file.problems);
  for (const problem of unreadable) warn(problem);
  if (unreadable.length > 0) return EXIT.unreadable;
  return result.rollup.findings.length > 0 ? EXIT.findings : EXIT.clean;
}
