/** A name, or the template of some, and what was counted of it. */
export interface CountedName {
  readonly template: string;
  readonly spans: number;
}

/** When words in one position count as values of a parameter. */
export interface DrainSettings {
  /** Constant words that a template keeps, of all its words. */
  readonly similarity: number;
  /** Different words in one position beyond which they are values in any case. */
  readonly maxChildren: number;
  /** Different words from which on they can be values, where growth says so: see `growing`. */
  readonly minValues: number;
  readonly minSpans: number;
  /** Words seen once, of all different words, from which on a position counts as growing. */
  readonly growing: number;
  /** A word with more of the position's spans than this is an operation of its own. */
  readonly frequent: number;
  /** Longer names stay as they are. */
  readonly maxTokens: number;
  /** Names beyond so many, those with the fewest spans, stay as they are. */
  readonly maxNames: number;
}

/** Similarity, children and tokens are those of Grafana Tempo (pkg/drain); the rest is this file's own. */
export const DRAIN: DrainSettings = {
  similarity: 0.3,
  maxChildren: 1000,
  minValues: 100,
  minSpans: 1000,
  growing: 0.5,
  frequent: 0.02,
  maxTokens: 80,
  maxNames: 20_000,
};

const VALUE = '{value}';
/** Ends every name in the tree, so that no name stands inside of another. */
const END = '';
const SEPARATORS = /([/\s.,:;=?&()[\]<>"'|#@$*+!^`~\\…]+)/;
const METHOD = /^(?:get|head|post|put|delete|connect|options|trace|patch|query|http)$/i;

/**
 * Finds the words of names that are values of a parameter although nothing in their form says so: `process alice`,
 * `process bob` and a thousand more are `process {value}`. For names of one service and span kind, ids replaced before.
 *
 * The tree is that of Drain (P. He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017):
 * first by the number of words, then word by word to the end, so that `/data` and `/settings` never meet. Unlike there,
 * all names are known at once: a position becomes a parameter by what was counted in it, which depends neither on the
 * order of the names nor on how they were split over processes. It does when its words are more than `maxChildren`, or
 * when they are many and grow: by Good and Turing the chance that the next word is a new one is f₁/n, with f₁ the words
 * seen once in n spans, so that the growth d ln D / d ln n of D words is f₁/D.
 *
 * @returns the template of each name that is not its own
 */
export function drain(names: readonly CountedName[], settings: DrainSettings = DRAIN): Map<string, string> {
  const layers = new Map<number, Branch[]>();
  const known = [...sumsByTemplate(names)].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  for (const [template, spans] of known.slice(0, settings.maxNames)) {
    const tokens = tokensOf(template);
    if (tokens.length > settings.maxTokens) continue;
    const layer = layers.get(tokens.length) ?? [];
    layer.push({ template, spans, tokens });
    layers.set(tokens.length, layer);
  }
  const found = new Map<string, string>();
  for (const layer of layers.values()) descend(layer, 0, settings, found);
  return found;
}

/** The words of a template that are values in the template that was mined from it. */
export function valuesOf(template: string, mined: string): string[] {
  const words = template.split(SEPARATORS);
  return mined.split(SEPARATORS).flatMap((word, i) => (word === VALUE && words[i] !== VALUE ? [words[i]!] : []));
}

/** A name on its way down the tree; its tokens become those of its template. */
interface Branch {
  readonly template: string;
  readonly spans: number;
  readonly tokens: readonly Token[];
}

/** A word with the separators before it. */
interface Token {
  readonly before: string;
  readonly word: string;
}

function sumsByTemplate(names: readonly CountedName[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { template, spans } of names) sums.set(template, (sums.get(template) ?? 0) + spans);
  return sums;
}

function tokensOf(template: string): Token[] {
  const parts = template.split(SEPARATORS);
  const tokens: Token[] = [];
  for (let i = 0; i < parts.length; i += 2) tokens.push({ before: parts[i - 1] ?? '', word: parts[i]! });
  return [...tokens, { before: '', word: END }];
}

function descend(branches: readonly Branch[], at: number, settings: DrainSettings, found: Map<string, string>): void {
  // Fewer names than values are asked for hold no parameter further down.
  if (branches.length < settings.minValues || at === branches[0]!.tokens.length) {
    for (const { template, tokens } of branches) {
      const mined = tokens.map(({ before, word }) => before + word).join('');
      if (mined !== template) found.set(template, mined);
    }
    return;
  }
  const folded = new Set(
    [...groups(branches, at, ({ before }) => before).values()].flatMap((g) => values(g, at, settings)),
  );
  const next = branches.map((branch) => (folded.has(branch) ? withValue(branch, at) : branch));
  const children = groups(next, at, ({ before, word }) => `${before}\0${word}`);
  for (const child of children.values()) descend(child, at + 1, settings, found);
}

function groups(branches: readonly Branch[], at: number, key: (token: Token) => string): Map<string, Branch[]> {
  const found = new Map<string, Branch[]>();
  for (const branch of branches) {
    const name = key(branch.tokens[at]!);
    const group = found.get(name);
    if (group === undefined) found.set(name, [branch]);
    else group.push(branch);
  }
  return found;
}

function withValue({ template, spans, tokens }: Branch, at: number): Branch {
  return { template, spans, tokens: tokens.map((token, i) => (i === at ? { ...token, word: VALUE } : token)) };
}

/** Those of the branches whose word at a position is a value of a parameter. All begin alike. */
function values(branches: readonly Branch[], at: number, settings: DrainSettings): Branch[] {
  if (branches.length < settings.minValues) return [];
  const words = groups(branches, at, ({ word }) => word);
  for (const word of words.keys()) if (isPlaceholder(word) || word === END) words.delete(word);
  if (words.size < settings.minValues) return [];
  const spans = new Map([...words].map(([word, group]) => [word, sum(group)]));
  const total = [...spans.values()].reduce((a, b) => a + b, 0);
  const rests = new Set([...words.values()].flat().map(({ tokens }) => textFrom(tokens, at + 1)));
  // What follows must repeat, or there is no likeness but in the beginning.
  if (rests.size > words.size * (1 - settings.similarity)) return [];
  const isMany = words.size > settings.maxChildren;
  const once = [...spans.values()].filter((n) => n <= 1).length;
  const isGrowing = total >= settings.minSpans && once / words.size >= settings.growing;
  if (!isMany && !isGrowing) return [];
  return [...words]
    .filter(([word]) => spans.get(word)! <= total * settings.frequent)
    .flatMap(([, group]) => group.filter(({ tokens }) => isLike(tokens, at, isMany, settings)));
}

/** Whether enough of a name stays when a word of it goes. The method of HTTP alone says little about a path. */
function isLike(tokens: readonly Token[], at: number, isMany: boolean, { similarity }: DrainSettings): boolean {
  const words = tokens.filter(({ word }) => word !== END);
  const constant = tokens.filter(({ word }, i) => {
    return i !== at && word !== END && !isPlaceholder(word) && (isMany || !METHOD.test(word));
  });
  return constant.length > 0 && constant.length >= similarity * words.length;
}

function isPlaceholder(word: string): boolean {
  return /^\{[^{}]*\}$/.test(word);
}

function sum(branches: readonly Branch[]): number {
  return branches.reduce((total, { spans }) => total + spans, 0);
}

function textFrom(tokens: readonly Token[], from: number): string {
  return tokens
    .slice(from)
    .map(({ before, word }) => before + word)
    .join('');
}
