import type { Report } from '../../model/report.js';
import { summary, type Table, tables } from '../tables.js';

/** GitHub-flavoured Markdown. Texts from telemetry are escaped, so that they stay text. */
export function renderMarkdown(report: Report): string {
  const lines = [`# ${escapeMarkdown(report.title)}`, ''];
  for (const [name, value] of summary(report)) lines.push(`- **${name}:** ${escapeMarkdown(value)}`);
  for (const table of tables(report)) lines.push('', `## ${table.title}`, '', ...tableLines(table));
  lines.push('', '## What this report cannot see', '');
  for (const limit of report.limits) lines.push(`- ${escapeMarkdown(limit)}`);
  return `${lines.join('\n')}\n`;
}

function tableLines({ columns, rows, empty }: Table): string[] {
  if (rows.length === 0) return [empty];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map((column) => column.name)),
    line(columns.map((column) => (column.isNumber ? '---:' : '---'))),
    ...rows.map((row) => line(row.map(escapeMarkdown))),
  ];
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!@~&]/g, '\\$&').replace(/\s+/g, ' ');
}
