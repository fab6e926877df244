import type { Report } from '../model/report.js';
import { type Block, blocksOf } from './blocks.js';

/** A block of Slack's Block Kit, as far as reports use them. */
export type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | { readonly type: 'section'; readonly text: { readonly type: 'mrkdwn'; readonly text: string } };

/** A message for an incoming webhook. */
export interface SlackMessage {
  readonly text: string;
  readonly blocks: readonly SlackBlock[];
}

/** Of Slack's documentation: a header, a section, the blocks of a message. */
const MAX_HEADER = 150;
const MAX_SECTION = 3_000;
const MAX_BLOCKS = 50;
/** Slack refuses messages of about 13,200 characters without documenting it; this keeps well below. */
const MAX_MESSAGE = 10_000;
const MAX_ROWS = 10;

/** A report as messages for Slack, in order, each within its limits. Texts from telemetry are escaped. */
export function slackMessages(report: Report, contentHash: string): SlackMessage[] {
  const header: SlackBlock = { type: 'header', text: { type: 'plain_text', text: cut(report.title, MAX_HEADER) } };
  const texts = blocksOf(report, contentHash).flatMap((block) => split(textOf(block)));
  const sections = texts.map((text): SlackBlock => ({ type: 'section', text: { type: 'mrkdwn', text } }));
  const messages: SlackBlock[][] = [[]];
  let size = 0;
  for (const block of [header, ...sections]) {
    const length = JSON.stringify(block).length + 1;
    const last = messages.at(-1)!;
    if (last.length > 0 && (last.length === MAX_BLOCKS || size + length > MAX_MESSAGE - MAX_HEADER * 2)) {
      messages.push([block]);
      size = length;
    } else {
      last.push(block);
      size += length;
    }
  }
  return messages.map((blocks) => ({ text: escapeSlack(cut(report.title, MAX_HEADER)), blocks }));
}

function textOf(block: Block): string {
  switch (block.kind) {
    case 'facts':
      return block.facts.map(([name, value]) => `*${name}:* ${escapeSlack(value)}`).join('\n');
    case 'lines':
      return [...heading(block.title), ...block.lines.map(escapeSlack)].join('\n');
    case 'chart':
      return '';
    case 'fixes': {
      const fixes = block.fixes.map(({ title, about, code, link }) => {
        const pre =
          code === '' || code.length > MAX_SECTION / 2
            ? ''
            : `\n\`\`\`${escapeMarkup(code.replaceAll('```', ''))}\`\`\``;
        return `• ${linked(title, link)}: ${escapeSlack(about)}${pre}`;
      });
      return [...heading(block.title), ...(fixes.length === 0 ? [block.empty] : fixes)].join('\n');
    }
    case 'table': {
      const rows = block.rows.slice(0, MAX_ROWS).map((row, n) => {
        const cells = row.map((cell, i) => (i === 1 ? linked(cell, block.links[n] ?? '') : escapeSlack(cell)));
        return `• ${cells.filter((cell) => cell !== '').join(' | ')}`;
      });
      const more = block.rows.length > MAX_ROWS ? [`… and ${block.rows.length - MAX_ROWS} more`] : [];
      return [...heading(block.title), ...(rows.length === 0 ? [block.empty] : [...rows, ...more])].join('\n');
    }
  }
}

function heading(title: string): string[] {
  return title === '' ? [] : [`*${escapeSlack(title)}*`];
}

function linked(text: string, link: string): string {
  return link === '' ? escapeSlack(text) : `<${escapeMarkup(link)}|${escapeSlack(text).replaceAll('|', '¦')}>`;
}

/** No mention of people or channels is left; a zero-width space keeps signs from being formats. */
function escapeSlack(text: string): string {
  return escapeMarkup(text).replace(/[*_~`]/g, (c) => `\u200b${c}`);
}

function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** A text in parts that fit into a section, cut at lines where that is possible. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  for (const whole of text.split('\n')) {
    for (let line = whole; line !== '' || whole === ''; ) {
      const piece = line.slice(0, MAX_SECTION);
      if (part.length + piece.length + 1 > MAX_SECTION) {
        parts.push(part);
        part = '';
      }
      part = part === '' ? piece : `${part}\n${piece}`;
      line = line.slice(MAX_SECTION);
      if (line === '') break;
    }
  }
  return [...parts, part].filter((one) => one !== '');
}
