import { findingKey, RollupMerge } from '../engine/aggregate/merge.js';
import type { WireFormatName } from '../engine/decode/formats.js';
import type { Rollup } from '../engine/model/rollup.js';
import { formatProblem } from '../engine/problem.js';
import type { Analyser } from './analyse.js';

/** One request of a trace file. */
export interface TraceDocument {
  readonly bytes: Uint8Array;
  readonly format: WireFormatName;
  /** Line of the file on which it begins, from 1. */
  readonly line: number;
}

export interface ScannedFile {
  readonly file: string;
  readonly spans: number;
  readonly rejectedSpans: number;
  /** What could not be read, in words. */
  readonly problems: readonly string[];
}

/** Where in the files something was found. */
export interface Place {
  readonly file: string;
  /** Line of the file; of protobuf messages behind their lengths, the number of the message. */
  readonly line: number;
}

export interface ScanResult {
  readonly files: readonly ScannedFile[];
  readonly rollup: Rollup;
  /** By `findingKey`: the first places of each finding, at most MAX_PLACES. */
  readonly places: ReadonlyMap<string, readonly Place[]>;
}

export const MAX_PLACES = 10;
/** How many problems of one file are told one by one. */
const MAX_PROBLEMS = 20;

/**
 * Scans trace files with the same analysis as the service.
 *
 * @param at told which document comes next, for those who ask the analyser for single occurrences
 */
export async function scanFiles(
  files: readonly string[],
  read: (file: string) => Promise<readonly TraceDocument[] | { readonly problem: string }>,
  analyser: Analyser,
  now: number,
  at: (file: string, line: number) => void,
): Promise<ScanResult> {
  const merge = new RollupMerge();
  const scanned: ScannedFile[] = [];
  const places = new Map<string, Place[]>();
  for (const file of files) {
    const documents = await read(file);
    if ('problem' in documents) {
      scanned.push({ file, spans: 0, rejectedSpans: 0, problems: [documents.problem] });
      continue;
    }
    let spans = 0;
    let rejectedSpans = 0;
    const problems: string[] = [];
    let more = 0;
    for (const { bytes, format, line } of documents) {
      at(file, line);
      const analysis = analyser.analyse(bytes, format, now);
      spans += analysis.accepted;
      rejectedSpans += analysis.rejected;
      merge.add(analysis.rollup);
      for (const finding of analysis.rollup.findings) addPlace(places, findingKey(finding), { file, line });
      for (const p of [analysis.refused, ...analysis.problems]) {
        if (p === null) continue;
        if (problems.length < MAX_PROBLEMS) problems.push(`${file}:${line}: ${formatProblem(p)}`);
        else more++;
      }
    }
    if (more > 0) problems.push(`${file}: ${more} more problems like these`);
    scanned.push({ file, spans, rejectedSpans, problems });
  }
  return { files: scanned, rollup: merge.result(), places };
}

function addPlace(places: Map<string, Place[]>, finding: string, place: Place): void {
  const known = places.get(finding);
  if (known === undefined) places.set(finding, [place]);
  else if (known.length < MAX_PLACES) known.push(place);
}
