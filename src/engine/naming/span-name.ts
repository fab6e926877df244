import { type IdForm, idForm, shapeOf, WORDS } from './id-form.js';

/** What a span name says besides its ids. */
export interface MinedName {
  /** The name with a placeholder for each id; the name itself where it holds none. */
  readonly template: string;
  /** Forms of what was replaced, sorted, each once: `9999`, `uuid`, `hex(24)`. */
  readonly shapes: readonly string[];
}

/** Names are stored with so many characters at most, and so are templates, although a placeholder can be longer. */
const MAX_TEMPLATE = 255;

const PLACEHOLDER = String.raw`\{[a-z][a-z0-9_-]*\}`;
/** Numbers that are part of a word: versions of protocols and products, cron expressions, intervals. */
const FIXED = [
  String.raw`(?<![\w.])(?:HTTP\/|TLS[ v]*|SSL[ v]*|v)\d{1,3}(?:\.(?:0|[1-9]\d{0,2})){1,2}(?![\w.])`,
  String.raw`(?<!\S)(?=[^*]{0,40}\*)(?:[\d*][\d*\/,-]* ){4,5}[\d*][\d*\/,-]*(?!\S)`,
  String.raw`(?<!\w)every[ _-]\d+ ?(?:ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?|weeks?|months?)(?!\w)`,
].join('|');
/** Ids with separators in them. The suffixes of Kubernetes pods are of its safe alphabet (apimachinery/util/rand). */
const WHOLE = {
  uuid: `(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])`,
  time: String.raw`(?<!\d)\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?![\w])`,
  ipv4: String.raw`(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])`,
  pod: String.raw`(?<=-)(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2456789]{8,10}-[bcdfghjklmnpqrstvwxz2456789]{5}(?![\w-])`,
} as const;
const ATOMS = new RegExp(
  [
    `(?<fixed>${PLACEHOLDER}|${FIXED})`,
    ...Object.entries(WHOLE).map(([name, pattern]) => `(?<${name}>${pattern})`),
  ].join('|'),
  'gi',
);
/** What any of them has; most names have none of it. */
const MAY_HOLD_ATOMS = /-.*-|\.\d|\{|\*(?:\/\d+)? [\d*]|\d \*|every/i;
const SEPARATORS = /([/\s.,:;=?&()[\]{}<>"'|#@$*+!^`~\\…]+)/;
/** A query behind a path: everything in it is data. */
const QUERY = /(\/[^\s?]*)\?(?!\{query\})[^\s{]\S*/g;
const QUERY_SHAPE = 'query';
const QUOTED = /'([^']*)(?:'|$)/g;

/** The statement of an SQL text that stands for a name; clauses are asked for, since `select user` is no SQL. */
const SQL =
  /^\s*(?:select\s.*\sfrom\s|insert\s+into\s|update\s.*\sset\s|delete\s+from\s|merge\s+into\s|with\s.*\sas\s*\(|(?:create|alter|drop|truncate)\s+table\s)/is;

export function isSql(name: string): boolean {
  return SQL.test(name);
}

/**
 * Takes the ids out of a span name, so that one operation is one name. OpenTelemetry asks for "the most general string
 * that identifies a (statistically) interesting class of Spans" (specification/trace/api.md): `GET /users/42` should be
 * `GET /users/{id}`. What is an id is decided by the form of each word, see `id-form.ts`; mining a template gives the
 * template.
 */
export function mineSpanName(name: string): MinedName {
  const shapes = new Set<string>();
  const place = (form: IdForm, text: string): string => {
    shapes.add(shapeOf(form, text));
    return '{id}';
  };
  const data = (placeholder: string, shape: string): string => {
    shapes.add(shape);
    return placeholder;
  };
  let text = name.includes('?')
    ? name.replace(QUERY, (_, path: string) => `${path}?${data('{query}', QUERY_SHAPE)}`)
    : name;
  if (isSql(text)) {
    text = text.replace(QUOTED, (_, held: string) =>
      held === '{value}' ? "'{value}'" : `'${data('{value}', 'text')}'`,
    );
  }
  // Every id has a digit in it.
  if (!/\d/.test(text)) return { template: bounded(text.split(SEPARATORS)), shapes: [...shapes] };
  const pieces = MAY_HOLD_ATOMS.test(text) ? piecesOf(text, place) : wordsOf(text, place);
  return { template: bounded(pieces), shapes: [...shapes].sort() };
}

/** Words and what stands between them, and atoms as they are or as placeholders. */
function piecesOf(text: string, place: Place): string[] {
  const pieces: string[] = [];
  let from = 0;
  for (const match of text.matchAll(ATOMS)) {
    pieces.push(...wordsOf(text.slice(from, match.index), place));
    const form = Object.entries(match.groups!).find(([, found]) => found !== undefined)![0];
    pieces.push(form === 'fixed' ? match[0] : place(form as IdForm, match[0]));
    from = match.index + match[0].length;
  }
  pieces.push(...wordsOf(text.slice(from), place));
  return pieces;
}

/** Whether any of the shapes is that of an id, and not of a query that came with a path. */
export function hasIds(shapes: readonly string[]): boolean {
  return shapes.some((shape) => shape !== QUERY_SHAPE);
}

/** The template of a span name, see `mineSpanName`. */
export function spanNameTemplate(name: string): string {
  return mineSpanName(name).template;
}

type Place = (form: IdForm, text: string) => string;

/** Words and what stands between them, with ids replaced. */
function wordsOf(text: string, place: Place): string[] {
  return text.split(SEPARATORS).map((word, i) => (i % 2 === 1 ? word : wordWithoutIds(word, place)));
}

function wordWithoutIds(word: string, place: Place): string {
  if (!/\d/.test(word) || WORDS.test(word)) return word;
  const form = idForm(word);
  if (form !== null) return place(form, word);
  return /[-_]/.test(word) ? partsWithoutIds(word.split(/([-_])/), place) : word;
}

/** `order_8842` keeps its word, `job-2024-5-1` loses the whole date, and `phase-1` is one of a few. */
function partsWithoutIds(parts: readonly string[], place: Place): string {
  const isId = parts.map((part) => part.length > 1 && !WORDS.test(part) && idForm(part) !== null);
  const spread = (at: number, next: number): void => {
    if (isId[next] && /^\d$/.test(parts[at] ?? '')) isId[at] = true;
  };
  for (let i = 2; i < parts.length; i += 2) spread(i, i - 2);
  for (let i = parts.length - 3; i >= 0; i -= 2) spread(i, i + 2);
  let text = '';
  for (let i = 0; i < parts.length; i += 2) {
    const before = i === 0 ? '' : parts[i - 1]!;
    if (!isId[i]) {
      text += before + parts[i]!;
      continue;
    }
    let end = i;
    while (isId[end + 2]) end += 2;
    const id = parts.slice(i, end + 1).join('');
    text += before + place(idForm(id) ?? 'parts', id);
    i = end;
  }
  return text;
}

/** The pieces as one text, without those that are too many. */
function bounded(pieces: readonly string[]): string {
  const text = pieces.join('');
  if (text.length <= MAX_TEMPLATE) return text;
  let cut = '';
  for (const piece of pieces) {
    if (cut.length + piece.length >= MAX_TEMPLATE) break;
    cut += piece;
  }
  return `${cut}…`;
}
