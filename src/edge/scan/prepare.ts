import { resolve } from 'node:path';
import { CARDINALITY_RULES } from '../../engine/cardinality/rules.js';
import type { ConventionDocument } from '../../engine/model/convention.js';
import { NAMING_RULES } from '../../engine/naming/rules.js';
import { type Problem, problem } from '../../engine/problem.js';
import type { Detector } from '../../engine/rules/detector-document.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import type { SensitiveKeyDocument } from '../../engine/rules/sensitive-key-document.js';
import type { ScannedFile } from '../../flow/scan.js';
import { loadConventions, RULES_DIR } from '../files/rule-files.js';
import { loadAndProve, type RuleSource } from '../rules/check.js';
import { Baseline, type BaselineEntry, readBaseline } from './baseline.js';
import type { ScanFormatName } from './formats/index.js';
import { type FileOutput, openOutput } from './output.js';
import type { RuleInfo } from './report.js';
import { checkSelection, type FailOn, type Selection } from './selection.js';
import { findTraceFiles } from './trace-paths.js';

export interface ScanOptions {
  /** Files and folders; `-` is standard input. */
  readonly paths: readonly string[];
  readonly format: ScanFormatName;
  /** Null for standard output. */
  readonly output: string | null;
  readonly failOn: FailOn;
  readonly selection: Selection;
  readonly baseline: string | null;
  readonly writeBaseline: string | null;
  readonly rules: RuleSource;
}

/** What a scan needs. */
export interface Prepared {
  readonly files: readonly string[];
  /** Folders that could not be read. */
  readonly unreadable: readonly ScannedFile[];
  readonly detectors: readonly Detector[];
  readonly conventions: readonly ConventionDocument[];
  readonly sensitiveKeys: SensitiveKeyDocument;
  /** Everything that finds something, by id. */
  readonly rules: ReadonlyMap<string, RuleInfo>;
  readonly baseline: Baseline | null;
  /** Null for standard output. */
  readonly output: FileOutput | null;
}

/**
 * Checks the options against the world, and tells everything that is wrong at once. Opens the output last, so that
 * nothing is left behind.
 *
 * @param today YYYY-MM-DD in UTC, which decides what has expired
 */
export function prepare(
  options: ScanOptions,
  compiler: PatternCompiler,
  today: string,
): Prepared | { readonly problems: readonly Problem[] } {
  const { paths, selection, output, baseline, writeBaseline } = options;
  const loaded = loadAndProve(options.rules, compiler);
  const problemsOfNames: Problem[] = [];
  const names = loadConventions(RULES_DIR, problemsOfNames);
  const infos: RuleInfo[] = [
    ...NAMING_RULES,
    ...CARDINALITY_RULES,
    ...names.sensitiveKeys.classes,
    ...loaded.detectors.map(infoOf),
  ];
  const rules = new Map(infos.map((rule) => [rule.id, rule]));
  const own = [output, baseline, writeBaseline].filter((path) => path !== null);
  const { files, unreadable, problems: noFiles } = findTraceFiles(paths, own);
  const known = readEntries(baseline, writeBaseline);
  const problems = [
    ...loaded.problems,
    ...problemsOfNames,
    // While rules are missing, their ids cannot be told from misspelt ones.
    ...(loaded.problems.length > 0 ? [] : checkSelection(selection, rules)),
    ...known.problems,
    ...checkTargets(options, files),
    ...noFiles,
  ];
  if (problems.length > 0) return { problems };
  const opened = output === null ? null : openOutput('--output', output);
  if (opened !== null && 'code' in opened) return { problems: [opened] };
  return {
    files,
    unreadable: unreadable.map((folder) => ({ ...folder, spans: 0, rejectedSpans: 0 })),
    detectors: loaded.detectors,
    ...names,
    rules,
    baseline: known.entries === null ? null : new Baseline(known.entries, today),
    output: opened,
  };
}

function infoOf({ id, name, remedy, references }: Detector): RuleInfo {
  return { id, name, remedy, reference: references.find((text) => /^https?:\/\//.test(text)) ?? '' };
}

/** The entries to begin with: those of the baseline, or those of the file that is written anew. */
function readEntries(
  baseline: string | null,
  writeBaseline: string | null,
): { readonly entries: readonly BaselineEntry[] | null; readonly problems: readonly Problem[] } {
  const file = baseline ?? writeBaseline;
  if (file === null) return { entries: null, problems: [] };
  const read = readBaseline(file);
  if (read !== null) return read;
  const isNew = writeBaseline !== null && resolve(writeBaseline) === resolve(file);
  const allowed = 'a file that --write-baseline wrote';
  return { entries: [], problems: isNew ? [] : [problem('option', '--baseline', `${file} not found`, allowed)] };
}

/** A trace file must not be written over, nor one file be written twice. */
function checkTargets({ output, writeBaseline }: ScanOptions, files: readonly string[]): Problem[] {
  const scanned = new Set(files.filter((file) => file !== '-').map((file) => resolve(file)));
  const targets = { '--output': output, '--write-baseline': writeBaseline };
  const problems = Object.entries(targets).flatMap(([option, file]) =>
    file !== null && scanned.has(resolve(file))
      ? [problem('option', option, 'one of the files that are scanned', 'another file')]
      : [],
  );
  if (output !== null && writeBaseline !== null && resolve(output) === resolve(writeBaseline)) {
    problems.push(problem('option', '--write-baseline', 'the same file as --output', 'another file'));
  }
  return problems;
}
