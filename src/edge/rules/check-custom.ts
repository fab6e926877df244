import { Scanner } from '../../engine/detect/scanner.js';
import { type Problem, problem } from '../../engine/problem.js';
import { compileDetectors, type Detector } from '../../engine/rules/detector-document.js';
import { asObject } from '../../engine/rules/document-reader.js';
import type { PatternCompiler } from '../../engine/rules/pattern.js';
import { checkRules, scanExample } from '../../flow/check-rules.js';
import { RULE_TABLES } from '../files/rule-files.js';
import { CUSTOM_FILE, CUSTOM_PREFIX, parseDocument } from './custom-detectors.js';

export const MAX_DOCUMENT_BYTES = 256 * 1024;
export const MAX_DETECTORS = 200;
const TOP_FIELDS = ['family', 'detectors'];
const MAX_LENGTHS = { id: 100, name: 200, remedy: 2_000 } as const;
const WORDS = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** What came of a check; the document may be taken when there are no problems. */
export interface CheckOutcome {
  readonly detectors: number;
  readonly problems: readonly Problem[];
}

/**
 * Checks a customer's document as `spanwarden rules check` checks files, its detectors running together with those that
 * ship. Takes seconds where patterns are slow. Nothing of the document is in the problems but the names of fields and
 * ids.
 */
export function checkCustomDocument(
  document: string,
  shipped: readonly Detector[],
  compiler: PatternCompiler,
  clock: () => number,
): CheckOutcome {
  const problems: Problem[] = [];
  const tell = (where: string, what: string, allowed: string): void => {
    problems.push(problem('rule', where, what, allowed));
  };
  const content = parsed(document, tell);
  const top = asObject(content);
  if (content === undefined) return { detectors: 0, problems };
  if (top === null || typeof top.family !== 'string' || !Array.isArray(top.detectors)) {
    tell(CUSTOM_FILE, 'not a rule document', '{family: text, detectors: [...]}');
    return { detectors: 0, problems };
  }
  if (Object.keys(top).some((field) => !TOP_FIELDS.includes(field))) {
    tell(CUSTOM_FILE, 'a field that is not known', TOP_FIELDS.join(', '));
  }
  if (!WORDS.test(top.family) || top.family.length > MAX_LENGTHS.id) {
    tell(`${CUSTOM_FILE}: family`, 'wrong form', 'lower-case words joined by dashes');
  }
  if (top.detectors.length > MAX_DETECTORS) {
    tell(`${CUSTOM_FILE}: detectors`, 'too many', `at most ${MAX_DETECTORS}`);
    return { detectors: top.detectors.length, problems };
  }
  const sound = compileEach(top.family, top.detectors, shipped, quiet(compiler), problems);
  problems.push(...checkRules([...shipped, ...sound], clock, sound));
  return { detectors: top.detectors.length, problems: withoutMatches(problems, shipped) };
}

type Tell = (where: string, what: string, allowed: string) => void;

function parsed(document: string, tell: Tell): unknown {
  if (Buffer.byteLength(document) > MAX_DOCUMENT_BYTES) {
    tell(CUSTOM_FILE, 'too large', `at most ${MAX_DOCUMENT_BYTES} bytes`);
    return undefined;
  }
  try {
    return parseDocument(document) ?? null;
  } catch (error) {
    const at = (error as { pos?: readonly [number, number] }).pos?.[0];
    const line = at === undefined ? '' : `: line ${document.slice(0, at).split('\n').length}`;
    tell(CUSTOM_FILE + line, 'not valid YAML', 'YAML 1.2');
    return undefined;
  }
}

/** The detectors that have no problem of their own. */
function compileEach(
  family: string,
  documents: readonly unknown[],
  shipped: readonly Detector[],
  compiler: PatternCompiler,
  problems: Problem[],
): Detector[] {
  const taken = new Set(shipped.map(({ id }) => id));
  const sound: Detector[] = [];
  for (const [index, raw] of documents.entries()) {
    const files = new Map([[CUSTOM_FILE, { family, detectors: [raw] }]]);
    const compiled = compileDetectors(files, RULE_TABLES, compiler);
    const { id } = asObject(raw) ?? {};
    // The place that was compiled at names the id whatever it is, which may be anything.
    const there = `${CUSTOM_FILE}: ${typeof id === 'string' ? id : 'detectors[0]'}`;
    const place = placeOf(id, index);
    const own = compiled.problems.map((p) => ({ ...p, where: place + p.where.slice(there.length) }));
    own.push(...idAndTexts(asObject(raw) ?? {}, place, taken));
    if (own.length === 0) sound.push(...compiled.detectors);
    problems.push(...own);
  }
  return sound;
}

function placeOf(id: unknown, index: number): string {
  const isId = typeof id === 'string' && WORDS.test(id) && id.length <= MAX_LENGTHS.id;
  return `${CUSTOM_FILE}: ${isId ? id : `detectors[${index}]`}`;
}

function idAndTexts(document: Readonly<Record<string, unknown>>, place: string, taken: Set<string>): Problem[] {
  const problems: Problem[] = [];
  for (const [field, most] of Object.entries(MAX_LENGTHS)) {
    const value = document[field];
    if (typeof value === 'string' && value.length > most) {
      problems.push(problem('rule', `${place}: ${field}`, 'too long', `at most ${most} characters`));
    }
  }
  const { id } = document;
  if (typeof id !== 'string') return problems;
  if (!id.startsWith(CUSTOM_PREFIX)) {
    const allowed = `${CUSTOM_PREFIX} at its beginning, so that it is never that of a detector that ships`;
    problems.push(problem('rule', `${place}: id`, 'not that of a detector of your own', allowed));
  }
  if (taken.has(id)) problems.push(problem('rule', `${place}: id`, 'used twice', 'an id of its own'));
  taken.add(id);
  return problems;
}

/** What RE2 says of a pattern without the piece of the pattern that it quotes. */
function quiet(compiler: PatternCompiler): PatternCompiler {
  return {
    compile: (source) => {
      const compiled = compiler.compile(source);
      return 'error' in compiled ? { error: compiled.error.split(/[:`]/)[0]!.trim() } : compiled;
    },
  };
}

/** Names of unknown fields are the customer's own text: one that a detector finds, or a long one, is not repeated. */
function withoutMatches(problems: readonly Problem[], shipped: readonly Detector[]): Problem[] {
  const scanner = new Scanner(shipped, () => '');
  const repeatable = (name: string): boolean =>
    name.length <= MAX_LENGTHS.id && scanExample(scanner, { key: 'name', value: name, siblings: {} }).length === 0;
  return problems.map((p) => ({
    ...p,
    where: p.where
      .split(': ')
      .map((name) => (repeatable(name) ? name : 'a name'))
      .join(': '),
  }));
}
