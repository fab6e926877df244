import { randomBytes, randomInt } from 'node:crypto';
import { findingKey } from '../../engine/aggregate/merge.js';
import { OVERFLOW } from '../../engine/aggregate/rollup-builder.js';
import { KeyedHash } from '../../engine/cardinality/keyed-hash.js';
import { Scanner } from '../../engine/detect/scanner.js';
import { SensitiveKeys } from '../../engine/detect/sensitive-keys.js';
import { ConventionRegistry } from '../../engine/naming/registry.js';
import { formatProblem } from '../../engine/problem.js';
import { Analyser, type Occurrence } from '../../flow/analyse.js';
import { type Place, type ScannedFile, type ScanResult, scanFiles } from '../../flow/scan.js';
import { keyedFingerprint } from '../auth/fingerprint.js';
import { patternCompiler } from '../regex/index.js';
import { type Baseline, type BaselineEntry, formatBaseline } from './baseline.js';
import { placeOf, plural, summary } from './describe.js';
import { findingId } from './finding-id.js';
import { SCAN_FORMATS } from './formats/index.js';
import { byUrgency } from './order.js';
import { BufferedText, openOutput } from './output.js';
import { type Prepared, prepare, type ScanOptions } from './prepare.js';
import { Progress, printable } from './progress.js';
import type { ReportedFinding, ScanFormat, ScanReport } from './report.js';
import { fails, isSelected } from './selection.js';
import { readTraceFile } from './trace-file.js';

/** Exit codes of `spanwarden scan`. */
export const EXIT = {
  clean: 0,
  findings: 1,
  usage: 2,
  unauthorised: 3,
  unreachable: 4,
  unreadable: 5,
  unexpected: 128,
} as const;

/** What a scan has to do with the world. */
export interface ScanSurroundings {
  /** Of this program. */
  readonly version: string;
  readonly write: (text: string) => void;
  readonly warn: (line: string) => void;
  /** Where the progress is shown, if anywhere. */
  readonly terminal: NodeJS.WriteStream | null;
}

/** Scans trace files and writes what was found. Gives the exit code; what could not be read is never clean. */
export async function runScan(options: ScanOptions, surroundings: ScanSurroundings): Promise<number> {
  const warn = (line: string): void => surroundings.warn(printable(line));
  const { compiler } = patternCompiler();
  const prepared = prepare(options, compiler, new Date().toISOString().slice(0, 10));
  if ('problems' in prepared) {
    for (const problem of prepared.problems) warn(formatProblem(problem));
    return EXIT.usage;
  }
  const { output } = prepared;
  const text = new BufferedText(output === null ? surroundings.write : (piece) => output.write(piece));
  const known = new KnownFindings(prepared.baseline, options.writeBaseline !== null);
  try {
    const result = await readAll(options, prepared, surroundings.terminal, known, text);
    const report = makeReport(options, prepared, result, known, surroundings.version);
    text.add(SCAN_FORMATS[options.format].render(report));
    text.flush();
    output?.finish();
    for (const note of notes(options, report)) warn(note);
    return conclude(options, prepared, report, known, warn);
  } finally {
    output?.discard();
  }
}

/** The findings that are not reported, and all others that might be written to a baseline. */
class KnownFindings {
  /** Findings that pass the filters, known or not. */
  readonly selected = new Map<string, ReportedFinding>();
  private readonly expired: ReadonlySet<string>;

  constructor(
    readonly baseline: Baseline | null,
    private readonly isWritten: boolean,
  ) {
    this.expired = new Set(baseline?.expired.map(({ id }) => id));
  }

  /** What is written to a baseline is known from then on, except where its entry has expired. */
  has(id: string): boolean {
    if (this.baseline === null) return false;
    return this.isWritten ? !this.expired.has(id) : this.baseline.holds(id);
  }
}

/** Reads and analyses all files; matches go to the format at once where it asks for them. */
async function readAll(
  { format, selection }: ScanOptions,
  { files, detectors, conventions, sensitiveKeys }: Prepared,
  terminal: NodeJS.WriteStream | null,
  known: KnownFindings,
  text: BufferedText,
): Promise<ScanResult> {
  const { occurrence: render }: ScanFormat = SCAN_FORMATS[format];
  let place: Place = { file: '', line: 0 };
  const onOccurrence = (occurrence: Occurrence): void => {
    const { detector, confidence } = occurrence.match;
    const { id, kind, severity } = detector;
    if (!isSelected(selection, { detector: id, kind, severity, confidence })) return;
    if (known.baseline !== null && known.has(findingId({ ...occurrence, detector: id }))) return;
    text.add(render!(occurrence, place));
  };
  // Nothing outlives the run, so its keys do not either.
  const key = randomBytes(32);
  const analyser = new Analyser({
    scanner: new Scanner(detectors, keyedFingerprint(key)),
    conventions: new ConventionRegistry(conventions),
    sensitiveKeys: new SensitiveKeys(sensitiveKeys),
    hash: new KeyedHash(key.subarray(0, 16)),
    seed: randomInt(2 ** 32),
    memoSlots: 1 << 16,
    ...(render !== undefined && { onOccurrence }),
  });
  const progress = terminal === null ? null : new Progress(terminal, files);
  const result = await scanFiles(files, readTraceFile, analyser, Date.now(), (file, line) => {
    place = { file, line };
    progress?.at(file, line);
  });
  progress?.clear();
  return result;
}

function makeReport(
  { selection }: ScanOptions,
  { detectors, rules, unreadable }: Prepared,
  { files, rollup, places }: ScanResult,
  known: KnownFindings,
  version: string,
): ScanReport {
  const { baseline } = known;
  const findings: ReportedFinding[] = [];
  let knownCount = 0;
  for (const finding of byUrgency(rollup.findings)) {
    const id = findingId(finding);
    baseline?.see(id);
    if (!isSelected(selection, finding)) continue;
    const reported = { ...finding, id, rule: rules.get(finding.detector)!, places: places.get(findingKey(finding))! };
    known.selected.set(id, reported);
    if (known.has(id)) knownCount++;
    else findings.push(reported);
  }
  const all = [...files, ...unreadable];
  return {
    ...{ version, files: all, findings, detectors: detectors.length },
    baseline: baseline && {
      known: knownCount,
      expired: baseline.expired.filter(({ id }) => known.selected.has(id)),
      stale: all.some(isPartial) ? null : baseline.stale(),
    },
  };
}

function isPartial({ problems, rejectedSpans }: ScannedFile): boolean {
  return problems.length > 0 || rejectedSpans > 0;
}

/** What is said besides the report. */
function notes({ format, output }: ScanOptions, report: ScanReport): string[] {
  const { files, findings, baseline } = report;
  const told = files.flatMap(({ problems }) => problems);
  const empty = files.filter((file) => file.spans === 0 && !isPartial(file)).map(({ file }) => file);
  if (empty.length > 0) {
    const more = empty.length > 3 ? ` and ${plural(empty.length - 3, 'more file')}` : '';
    told.push(`no spans in ${empty.slice(0, 3).join(', ')}${more}`);
  }
  const names = findings.filter(({ kind }) => kind !== 'secret' && kind !== 'pii').length;
  if (format === 'jsonl' && names > 0) {
    told.push(`${plural(names, 'finding')} of names, which are no matches in values and have no lines in jsonl`);
  }
  for (const entry of baseline?.expired ?? []) told.push(`expired in the baseline: ${entryText(entry)}`);
  for (const entry of baseline?.stale ?? []) told.push(`stale in the baseline, not found: ${entryText(entry)}`);
  if (baseline !== null && format !== 'table' && output === null) {
    told.push(`${plural(baseline.known, 'finding')} in the baseline`);
  }
  if (output !== null) told.push(summary(report));
  return told;
}

function entryText(entry: BaselineEntry): string {
  const { id, detector, service, expires } = entry;
  const until = expires === '' ? '' : `, until ${expires}`;
  return `${detector} in ${placeOf(entry)} of service ${service}${until} (${id})`;
}

/** Writes the baseline where that was asked for, and gives the exit code. */
function conclude(
  { writeBaseline, failOn }: ScanOptions,
  { baseline }: Prepared,
  { files, findings }: ScanReport,
  known: KnownFindings,
  warn: (line: string) => void,
): number {
  const partial = files.some(isPartial);
  if (writeBaseline !== null && partial) warn(`${writeBaseline}: not written, since not everything could be read`);
  if (partial) return EXIT.unreadable;
  if (writeBaseline !== null && baseline !== null) {
    // What was counted together beyond a limit could be anything, so it is never known.
    const found = [...known.selected.values()].filter(({ key }) => key !== OVERFLOW);
    const fresh = found.map((finding) => ({ ...finding, reason: '', expires: '' }));
    // Entries that were there come last, since they have reasons.
    const target = openOutput('--write-baseline', writeBaseline);
    if ('code' in target) {
      warn(formatProblem(target));
      return EXIT.usage;
    }
    target.write(formatBaseline([...fresh, ...baseline.kept()]));
    target.finish();
    warn(`${writeBaseline}: written`);
  }
  return fails(failOn, findings) ? EXIT.findings : EXIT.clean;
}
