import type { SimulationFormat } from '../report.js';
import { json } from './json.js';
import { jsonl } from './jsonl.js';
import { markdown } from './markdown.js';
import { table } from './table.js';

/** The table of output formats: one file and one line here each. */
export const SIMULATION_FORMATS = { table, json, jsonl, markdown } as const satisfies Record<string, SimulationFormat>;

export type SimulationFormatName = keyof typeof SIMULATION_FORMATS;
