import type { SimulationReport } from '../report.js';
import { type Section, sectionsOf, summaryOf } from '../sections.js';

const WIDEST = 60;

/** For people: tables, and lines that say what was looked at. */
export function table(report: SimulationReport): string {
  return [...sectionsOf(report).map(layOut), `${summaryOf(report).join('\n')}\n`].join('\n');
}

function layOut({ title, columns, rows }: Section): string {
  const cut = (cell: string): string => (cell.length > WIDEST ? `${cell.slice(0, WIDEST - 1)}…` : cell);
  const cells = [columns.map((column) => column.toUpperCase()), ...rows].map((row) => row.map(cut));
  const widths = columns.map((_, i) => cells.reduce((widest, row) => Math.max(widest, row[i]!.length), 0));
  const lines = cells.map((row) => row.map((cell, i) => cell.padEnd(widths[i]!)).join('  '));
  return `${title}\n${lines.map((line) => `${line.trimEnd()}\n`).join('')}`;
}
