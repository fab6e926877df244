import { count } from '../../../engine/report/numbers.js';
import { placeOf, summary } from '../describe.js';
import type { ScanFormat, ScanReport } from '../report.js';

/** For people: a table of findings, and a line that says what was looked at. */
export const table: ScanFormat = { render };

const COLUMNS = ['SEVERITY', 'WHAT', 'SERVICE', 'WHERE', 'MASK', 'SEEN'];
const WIDEST = 44;

function render(report: ScanReport): string {
  const rows = report.findings.map((f) => [
    f.severity,
    f.rule.name,
    f.service,
    placeOf(f),
    f.mask,
    count(f.occurrences),
  ]);
  return `${rows.length > 0 ? `${layOut([COLUMNS, ...rows])}\n\n` : ''}${summary(report)}\n`;
}

function layOut(rows: readonly (readonly string[])[]): string {
  const cut = (cell: string): string => (cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell);
  const cells = rows.map((row) => row.map(cut));
  const widths = COLUMNS.map((_, i) => cells.reduce((widest, row) => Math.max(widest, row[i]!.length), 0));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
