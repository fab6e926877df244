import type { ScanFormat } from '../report.js';
import { github } from './github.js';
import { gitlab } from './gitlab.js';
import { json } from './json.js';
import { jsonl } from './jsonl.js';
import { junit } from './junit.js';
import { sarif } from './sarif.js';
import { table } from './table.js';

/** The table of output formats: one file, one line here and one golden file each. */
export const SCAN_FORMATS = { table, json, jsonl, sarif, junit, github, gitlab } as const satisfies Record<
  string,
  ScanFormat
>;

export type ScanFormatName = keyof typeof SCAN_FORMATS;
