import type { SimulationReport } from '../report.js';
import { type Section, sectionsOf, summaryOf } from '../sections.js';

/** For comments on pull requests. */
export function markdown(report: SimulationReport): string {
  const summary = summaryOf(report).map((line) => `- ${escaped(line)}\n`);
  return `# Policy simulation\n\n${summary.join('')}${sectionsOf(report).map(section).join('')}`;
}

function section({ title, columns, rows }: Section): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |\n`;
  return `\n## ${title}\n\n${line(columns)}|${' --- |'.repeat(columns.length)}\n${rows.map(line).join('')}`;
}

/** Names come from telemetry, so nothing of them may act as Markdown or HTML. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#~&]/g, (char) => (char === '<' ? '&lt;' : char === '&' ? '&amp;' : `\\${char}`));
}
