import type { Report } from '../../model/report.js';
import { type Block, blocksOf, type Table } from '../blocks.js';

/** GitHub-flavoured Markdown. Texts from telemetry are escaped, so that they stay text. */
export function renderMarkdown(report: Report, contentHash: string): string {
  const lines = [`# ${escapeMarkdown(report.title)}`];
  for (const block of blocksOf(report, contentHash)) lines.push('', ...blockLines(block));
  return `${lines.join('\n')}\n`;
}

function blockLines(block: Block): string[] {
  switch (block.kind) {
    case 'facts':
      return block.facts.map(([name, value]) => `- **${name}:** ${escapeMarkdown(value)}`);
    case 'lines':
      return [...heading(block.title), ...block.lines.map((line) => `- ${escapeMarkdown(line)}`)];
    case 'chart':
      return [...heading(block.title), ...block.bars.map(({ label, text }) => `- ${label}: ${escapeMarkdown(text)}`)];
    case 'fixes': {
      if (block.fixes.length === 0) return [...heading(block.title), block.empty];
      const parts = block.fixes.map(({ title, about, code, link }, i) => [
        `${i + 1}. ${linked(escapeMarkdown(title), link)}: ${escapeMarkdown(about)}`,
        ...fenced(code),
      ]);
      return [...heading(block.title), ...parts.flat()];
    }
    case 'table':
      return [...heading(block.title), ...tableLines(block)];
  }
}

function heading(title: string): string[] {
  return title === '' ? [] : [`## ${title}`, ''];
}

/** A code block within a list item, behind a fence that is longer than any in it. */
function fenced(code: string): string[] {
  if (code === '') return [];
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return ['', `${fence}yaml`, ...code.trimEnd().split('\n'), fence, ''].map((line) =>
    line === '' ? '' : `   ${line}`,
  );
}

function tableLines({ columns, rows, links, empty }: Table): string[] {
  if (rows.length === 0) return [empty];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map((column) => column.name)),
    line(columns.map((column) => (column.isNumber ? '---:' : '---'))),
    ...rows.map((row, n) =>
      line(row.map((cell, i) => (i === 1 ? linked(escapeMarkdown(cell), links[n] ?? '') : escapeMarkdown(cell)))),
    ),
  ];
}

function linked(text: string, link: string): string {
  return link === '' ? text : `[${text}](<${link}>)`;
}

function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]<>#|!@~&]/g, '\\$&').replace(/\s+/g, ' ');
}
