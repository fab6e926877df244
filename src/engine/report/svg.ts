import type { Chart } from './blocks.js';

const HEIGHT = 120;
const LEFT = 8;
const TOP = 16;
const LABEL = 16;
const ROOM_OF_LABEL = 40;

/**
 * A bar chart as SVG without style sheets or scripts; the text of the highest bar stands over it.
 *
 * @param width of its coordinates, in which texts are 10 high
 */
export function barChart({ title, bars }: Chart, width = 640): string {
  const highest = Math.max(0, ...bars.map(({ value }) => value));
  const step = (width - 2 * LEFT) / Math.max(1, bars.length);
  const room = HEIGHT - TOP - LABEL;
  const every = Math.ceil(bars.length / Math.floor(width / ROOM_OF_LABEL));
  const top = bars.findIndex(({ value }) => value === highest);
  const parts = bars.map(({ label, value, text }, i) => {
    const height = highest === 0 ? 0 : round((value / highest) * room);
    const x = round(LEFT + i * step);
    const wide = round(step * 0.8);
    const y = round(TOP + room - height);
    const middle = round(x + wide / 2);
    const bar = `<rect x="${x}" y="${y}" width="${wide}" height="${height}" fill="#2f6f9f"/>`;
    const under = i % every === 0 ? textAt(middle, HEIGHT - 4, label) : '';
    const over = i === top && highest > 0 ? textAt(Math.min(Math.max(middle, 60), width - 60), y - 4, text) : '';
    return bar + under + over;
  });
  const line = `<line x1="${LEFT}" y1="${TOP + room}" x2="${width - LEFT}" y2="${TOP + room}" stroke="#888888" stroke-width="1"/>`;
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${escapeXml(title)}">`;
  return `${head}${parts.join('')}${line}</svg>`;
}

function textAt(x: number, y: number, text: string): string {
  return `<text x="${round(x)}" y="${round(y)}" font-size="10" text-anchor="middle" fill="#777777">${escapeXml(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for element content and quoted attributes of HTML and XML. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c]!);
}
