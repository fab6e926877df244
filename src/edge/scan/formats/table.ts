import { NAMING_RULES } from '../../../engine/naming/rules.js';
import { count } from '../../../engine/report/numbers.js';
import { byUrgency } from '../order.js';
import type { ScanReport } from './index.js';

const COLUMNS = ['SEVERITY', 'WHAT', 'SERVICE', 'WHERE', 'MASK', 'SEEN'];
const WIDEST = 44;

/** For people: a table of findings, and a line that says what was looked at. */
export function formatTable({ result, detectors }: ScanReport): string {
  const names = new Map([...NAMING_RULES, ...detectors].map((rule) => [rule.id, rule.name]));
  const findings = byUrgency(result.rollup.findings);
  const rows = findings.map((f) => [
    f.severity,
    names.get(f.detector) ?? f.detector,
    f.service,
    [`${f.location} ${f.key}`, f.component].filter((part) => part !== '').join(' › '),
    f.mask,
    count(f.occurrences),
  ]);
  const spans = result.files.reduce((sum, file) => sum + file.spans, 0);
  const rejected = result.files.reduce((sum, file) => sum + file.rejectedSpans, 0);
  const looked = `${count(spans)} spans in ${result.files.length} file${result.files.length === 1 ? '' : 's'}, ${detectors.length} detectors`;
  const summary = [
    `${findings.length} finding${findings.length === 1 ? '' : 's'}`,
    looked,
    ...(rejected > 0 ? [`${count(rejected)} spans could not be read`] : []),
  ].join(' · ');
  return `${rows.length > 0 ? `${layOut([COLUMNS, ...rows])}\n\n` : ''}${summary}\n`;
}

function layOut(rows: readonly (readonly string[])[]): string {
  const cut = (cell: string): string => (cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell);
  const cells = rows.map((row) => row.map(cut));
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
