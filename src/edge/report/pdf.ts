import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pdfmake from 'pdfmake';
import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js';
import type { Report } from '../../engine/model/report.js';
import { type Block, blocksOf, type Chart, type Facts, type Fixes, type Table } from '../../engine/report/blocks.js';
import { barChart } from '../../engine/report/svg.js';

const ROBOTO = join(dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')), 'fonts', 'Roboto');
pdfmake.setFonts({
  Roboto: {
    normal: join(ROBOTO, 'Roboto-Regular.ttf'),
    bold: join(ROBOTO, 'Roboto-Medium.ttf'),
    italics: join(ROBOTO, 'Roboto-Italic.ttf'),
    bolditalics: join(ROBOTO, 'Roboto-MediumItalic.ttf'),
  },
});
// A document names fonts and nothing else of the world.
pdfmake.setUrlAccessPolicy(() => false);
pdfmake.setLocalAccessPolicy((path) => path.startsWith(ROBOTO));

/** Columns that are wider than this many columns of a page are laid across it. */
const PORTRAIT_COLUMNS = 8;
/** More facts than this stand in two columns. */
const LONG_FACTS = 8;
/** A heading with less room under it goes to the next page; in points. */
const ROOM = 130;
const A4_WIDTH = 595;
const A4_HEIGHT = 842;
const GREY = '#666666';

/** A report on A4 paper with its fonts in it; the same report gives the same bytes. */
export function renderPdf(report: Report, contentHash: string): Promise<Buffer> {
  const blocks = blocksOf(report, contentHash);
  const isWide = blocks.some((block) => block.kind === 'table' && block.columns.length > PORTRAIT_COLUMNS);
  const document: TDocumentDefinitions = {
    // The identifier of a file is made of these, so they say nothing of when it was rendered.
    info: { title: report.title, creator: report.basis.generator, creationDate: new Date(report.period.end) },
    pageSize: 'A4',
    pageOrientation: isWide ? 'landscape' : 'portrait',
    pageMargins: [36, 40, 36, 40],
    defaultStyle: { font: 'Roboto', fontSize: 8.5, lineHeight: 1.15 },
    styles: {
      title: { fontSize: 16, bold: true, margin: [0, 0, 0, 8] },
      heading: { fontSize: 11.5, bold: true, margin: [0, 12, 0, 4] },
      chart: { fontSize: 11.5, bold: true, margin: [0, 12, 0, 4] },
      head: { bold: true, color: GREY },
      code: { fontSize: 7.5, preserveLeadingSpaces: true },
    },
    content: [{ text: report.title, style: 'title' }, ...contentOf(blocks)],
    footer: (page, pages) => ({
      columns: [
        { text: `SHA-256 ${contentHash}`, color: GREY, fontSize: 6.5 },
        { text: `${page} / ${pages}`, alignment: 'right', color: GREY, fontSize: 7.5, width: 40 },
      ],
      margin: [36, 14, 36, 0],
    }),
    // A heading does not stay behind at the foot of a page.
    pageBreakBefore: (node, others) =>
      node.style === 'heading' &&
      (node.startPosition.top > (isWide ? A4_WIDTH : A4_HEIGHT) - ROOM ||
        others.getFollowingNodesOnPage().length === 0),
  };
  return pdfmake.createPdf(document).getBuffer();
}

/** Blocks in their order; charts that follow each other stand side by side. */
function contentOf(blocks: readonly Block[]): Content[] {
  const content: Content[] = [];
  for (let i = 0; i < blocks.length; i++) {
    const [block, next] = [blocks[i]!, blocks[i + 1]];
    if (block.kind !== 'chart' || next?.kind !== 'chart') content.push(...blockContent(block));
    else {
      content.push({ columns: [chartContent(block, 320), chartContent(next, 320)], columnGap: 16, unbreakable: true });
      i++;
    }
  }
  return content;
}

/** A heading of its own kind: what cannot be broken goes to the next page by itself. */
function chartContent(block: Chart, width: number): Content {
  const stack: Content[] = [
    { text: block.title, style: 'chart' },
    { svg: barChart(block, width), width: width > 320 ? 440 : 250 },
  ];
  return { stack, unbreakable: true };
}

function factsContent(facts: Facts['facts']): Content {
  const body = facts.map(([name, value]) => [{ text: name, bold: true }, breakable(value)]);
  return { table: { widths: [90, '*'], body }, layout: 'noBorders', margin: [0, 4, 0, 4], unbreakable: true };
}

function blockContent(block: Block): Content[] {
  switch (block.kind) {
    case 'facts': {
      const { facts } = block;
      if (facts.length <= LONG_FACTS) return [factsContent(facts)];
      const half = Math.ceil(facts.length / 2);
      return [{ columns: [factsContent(facts.slice(0, half)), factsContent(facts.slice(half))], columnGap: 16 }];
    }
    case 'lines':
      return [
        ...heading(block.title),
        ...block.lines.map((line): Content => ({ text: breakable(line), margin: [0, 0, 0, 3] })),
      ];
    case 'chart':
      return [chartContent(block, 640)];
    case 'fixes':
      return fixesContent(block);
    case 'table':
      return tableContent(block);
  }
}

function heading(title: string): Content[] {
  return title === '' ? [] : [{ text: title, style: 'heading' }];
}

function fixesContent({ title, fixes, empty }: Fixes): Content[] {
  if (fixes.length === 0) return [...heading(title), { text: empty }];
  const parts = fixes.flatMap(({ title: what, about, code, link }, i): Content[] => [
    { text: [{ text: `${i + 1}. ${what}`, bold: true, ...(link !== '' && { link }) }, { text: `  ${about}` }] },
    ...(code === '' ? [] : [codeContent(printable(code))]),
  ]);
  return [...heading(title), ...parts];
}

/** In a grey box. */
function codeContent(code: string): Content {
  const body = [[{ text: code, style: 'code', fillColor: '#f3f3f3' }]];
  return { table: { widths: ['*'], body }, layout: 'noBorders', margin: [0, 3, 0, 6] };
}

function tableContent({ title, columns, rows, links, empty }: Table): Content[] {
  if (rows.length === 0) return [...heading(title), { text: empty }];
  const alignment = columns.map(({ isNumber }) => (isNumber ? ('right' as const) : ('left' as const)));
  const head = columns.map(({ name }, i) => ({ text: name, style: 'head', alignment: alignment[i]! }));
  const body = rows.map((row, n) =>
    row.map((text, i) => {
      const link = i === 1 ? (links[n] ?? '') : '';
      return {
        text: columns[i]!.isNumber ? text.replaceAll(' ', '\u00a0') : breakable(text),
        alignment: alignment[i]!,
        ...(link !== '' && { link }),
      };
    }),
  );
  const widths = columns.map(({ name, isNumber }) => (isNumber || SHORT.has(name) ? 'auto' : '*'));
  const table = { headerRows: 1, keepWithHeaderRows: 1, dontBreakRows: true, widths, body: [head, ...body] };
  return [...heading(title), { table, layout: 'lightHorizontalLines' }];
}

/** Columns of short words. */
const SHORT: ReadonlySet<string> = new Set([
  'Severity',
  'Class',
  'First seen',
  'Since',
  'Risk',
  'Last seen',
  'Change',
  'Ends',
  'Week from',
  '',
]);

/** Longer lines of code do not fit on a page. */
const LONGEST_LINE = 130;

/** Code stays as it is, since people copy it; what would run out of the page is referred to. */
function printable(code: string): string {
  const isTooLong = code.split('\n').some((line) => line.length > LONGEST_LINE);
  return isTooLong
    ? 'The text to paste is too wide for paper: it is in the HTML and Markdown of this report.'
    : code.trimEnd();
}

/** Long names and hashes have no spaces to break at, so they get places without width. */
function breakable(text: string): string {
  return text.replace(/[^\s]{24,}/g, (word) => word.replace(/(.{12})(?=.)/g, '$1\u200b'));
}
