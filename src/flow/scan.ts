import { RollupMerge } from '../engine/aggregate/merge.js';
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

export interface ScanResult {
  readonly files: readonly ScannedFile[];
  readonly rollup: Rollup;
}

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
  for (const file of files) {
    const documents = await read(file);
    if ('problem' in documents) {
      scanned.push({ file, spans: 0, rejectedSpans: 0, problems: [documents.problem] });
      continue;
    }
    let spans = 0;
    let rejectedSpans = 0;
    const problems: string[] = [];
    for (const { bytes, format, line } of documents) {
      at(file, line);
      const analysis = analyser.analyse(bytes, format, now);
      spans += analysis.accepted;
      rejectedSpans += analysis.rejected;
      merge.add(analysis.rollup);
      for (const p of [analysis.refused, ...analysis.problems]) {
        if (p !== null) problems.push(`${file}:${line}: ${formatProblem(p)}`);
      }
    }
    scanned.push({ file, spans, rejectedSpans, problems });
  }
  return { files: scanned, rollup: merge.result() };
}
