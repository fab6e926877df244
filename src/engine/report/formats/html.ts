import type { Report } from '../../model/report.js';
import { type Block, blocksOf, type Fixes, type Table } from '../blocks.js';
import { barChart, escapeXml } from '../svg.js';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; } h3 { font-size: 1rem; margin-bottom: 0; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; } dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #8884; vertical-align: top; overflow-wrap: anywhere; }
th { overflow-wrap: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
pre { padding: .6rem; border: 1px solid #8884; overflow-x: auto; font-size: .85em; }
svg { width: 100%; max-width: 40rem; height: auto; }
@media print { body { margin: 0; max-width: none; font-size: 10px; } tr, h3, svg { break-inside: avoid; } h2, h3 { break-after: avoid; }
  th, td { padding: .15rem .3rem; } pre { white-space: pre-wrap; overflow-wrap: anywhere; } }`;

/** One page that needs nothing else, for screens, mail and paper. Texts from telemetry are escaped. */
export function renderHtml(report: Report, contentHash: string): string {
  const title = escapeXml(report.title);
  const parts = [
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style></head><body>`,
    `<h1>${title}</h1>`,
    ...blocksOf(report, contentHash).map(blockHtml),
    '</body></html>',
  ];
  return `${parts.join('\n')}\n`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'facts': {
      const facts = block.facts.map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd>${escapeXml(value)}</dd>`);
      return `<dl>${facts.join('')}</dl>`;
    }
    case 'lines':
      return `${heading(block.title)}${block.lines.map((line) => `<p>${escapeXml(line)}</p>`).join('\n')}`;
    case 'chart':
      return `${heading(block.title)}${barChart(block)}`;
    case 'fixes':
      return fixesHtml(block);
    case 'table':
      return tableHtml(block);
  }
}

function heading(title: string): string {
  return title === '' ? '' : `<h2>${escapeXml(title)}</h2>\n`;
}

function fixesHtml({ title, fixes, empty }: Fixes): string {
  if (fixes.length === 0) return `${heading(title)}<p>${empty}</p>`;
  const parts = fixes.map(({ title: what, about, code, link }, i) => {
    const pre = code === '' ? '' : `\n<pre>${escapeXml(code)}</pre>`;
    return `<h3>${i + 1}. ${linked(escapeXml(what), link)}</h3><p>${escapeXml(about)}</p>${pre}`;
  });
  return `${heading(title)}${parts.join('\n')}`;
}

function tableHtml({ title, columns, rows, links, empty }: Table): string {
  if (rows.length === 0) return `${heading(title)}<p>${empty}</p>`;
  const css = columns.map((column) => (column.isNumber ? ' class="number"' : ''));
  const head = columns.map((column, i) => `<th scope="col"${css[i]}>${column.name}</th>`).join('');
  const body = rows.map((row, n) => {
    const cells = row.map((text, i) => {
      const shown = escapeXml(text);
      return `<td${css[i]}>${i === 1 ? linked(shown, links[n] ?? '') : shown}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `${heading(title)}<table><thead><tr>${head}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

function linked(html: string, link: string): string {
  return link === '' ? html : `<a href="${escapeXml(link)}">${html}</a>`;
}
