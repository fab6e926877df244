import type { Report } from '../../model/report.js';
import { summary, type Table, tables } from '../tables.js';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; } dt { font-weight: 600; } dd { margin: 0; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; } }`;

/** One page that needs nothing else, for screens, mail and paper. Texts from telemetry are escaped. */
export function renderHtml(report: Report): string {
  const title = escapeHtml(report.title);
  const facts = summary(report).map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`);
  const parts = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${title}</h1><dl>${facts.join('')}</dl>`,
    ...tables(report).map(tableHtml),
    '<h2>What this report cannot see</h2>',
    `<ul>${report.limits.map((limit) => `<li>${escapeHtml(limit)}</li>`).join('')}</ul></body></html>`,
  ];
  return `${parts.join('\n')}\n`;
}

function tableHtml({ title, columns, rows, empty }: Table): string {
  if (rows.length === 0) return `<h2>${title}</h2><p>${empty}</p>`;
  const css = columns.map((column) => (column.isNumber ? ' class="number"' : ''));
  const head = columns.map((column, i) => `<th scope="col"${css[i]}>${column.name}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map((cell, i) => `<td${css[i]}>${escapeHtml(cell)}</td>`).join('')}</tr>`);
  return `<h2>${title}</h2>\n<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
