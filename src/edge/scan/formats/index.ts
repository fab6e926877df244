import type { Detector } from '../../../engine/rules/detector-document.js';
import type { Occurrence } from '../../../flow/analyse.js';
import type { ScanResult } from '../../../flow/scan.js';
import { formatJson } from './json.js';
import { formatJsonLines } from './jsonl.js';
import { formatTable } from './table.js';

/** A match in a file. */
export interface ScanOccurrence extends Occurrence {
  readonly file: string;
  readonly line: number;
}

export interface ScanReport {
  readonly result: ScanResult;
  readonly occurrences: readonly ScanOccurrence[];
  readonly detectors: readonly Detector[];
}

export type ScanFormat = (report: ScanReport) => string;

/** The table of output formats: one file and one line here each. */
export const SCAN_FORMATS = {
  table: formatTable,
  json: formatJson,
  jsonl: formatJsonLines,
} as const satisfies Record<string, ScanFormat>;

export type ScanFormatName = keyof typeof SCAN_FORMATS;
