import { CONFIDENCES, type Confidence, SEVERITIES, type Severity } from '../model/finding.js';
import { type Problem, problem } from '../problem.js';
import { asObject, DocumentReader } from './document-reader.js';
import type { Pattern, PatternCompiler } from './pattern.js';

/** Characters that may not stand next to a match. */
export const BOUNDARIES = {
  none: '',
  /** A letter, digit or underscore would make the match a part of a longer word. */
  word: 'A-Za-z0-9_',
  /** As `word`, and a dash, which joins the parts of UUIDs and slugs. */
  token: 'A-Za-z0-9_-',
  /** As `token`, and a dot, which joins the parts of versions, addresses and decimal numbers. */
  number: 'A-Za-z0-9_.-',
} as const;
export type Boundary = keyof typeof BOUNDARIES;

/** What a shape counts; `docs/rules.md` says what each is. */
export const SHAPE_COUNTS = [
  'digits',
  'dots',
  'colons',
  'dashes',
  'capitals',
  'digitRun',
  'upperRun',
  'wordRun',
] as const;
/** The same in rule files. */
const SHAPE_FIELDS = { digitRun: 'digit_run', upperRun: 'upper_run', wordRun: 'word_run' } as Readonly<
  Record<string, string>
>;

export type Shape = Readonly<Record<(typeof SHAPE_COUNTS)[number], number>>;

/** A value with what stands around it: its attribute key, and other attributes of the span. */
export interface Example {
  readonly key: string;
  readonly value: string;
  readonly siblings: Readonly<Record<string, string>>;
}

/** Words that make a match believable, each a phrase of whole words (`api key`). */
export interface DetectorContext {
  /** In the attribute's key. */
  readonly key: readonly string[];
  /** In the value, at most 40 characters before the match. */
  readonly near: readonly string[];
  /** In an attribute of the same span that says who is talked to (`server.address`, `url.full`, …). */
  readonly siblings: readonly string[];
  /** Whether there is no match without one of them; otherwise one of them makes the confidence high. */
  readonly required: boolean;
}

/**
 * One detector as `rules/detectors/**.yaml` states it; `docs/rules.md` explains the fields and `docs/detectors.md` lists
 * the shipped ones. A value is handed to the pattern only when a keyword occurs in it, or its shape fits, or its context
 * asks for it.
 */
export interface DetectorDocument {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly kind: 'secret' | 'pii';
  readonly severity: Severity;
  readonly confidence: Confidence;
  /** Literals, matched without regard to case, one of which occurs in every match. */
  readonly keywords: readonly string[];
  /** Least numbers of characters that a matching value holds. */
  readonly shape: Shape | null;
  readonly context: DetectorContext | null;
  /** RE2; the group named `match` is what is reported, or else the whole match. */
  readonly pattern: string;
  readonly boundary: Boundary;
  /** Least Shannon entropy of the match in bits a character; 0 asks for none. */
  readonly entropy: number;
  /** Names from the table of validators; all must hold. */
  readonly validators: readonly string[];
  /** Validators of check digits that not every genuine match has: when all hold, the confidence is high. */
  readonly checksum: readonly string[];
  /** Names from the table of harmless shapes; a match of such a shape is none. */
  readonly never: readonly string[];
  /** RE2; a match that one of them matches as a whole is known to be harmless, like those of a vendor's documentation. */
  readonly allow: readonly string[];
  /** Phrases of whole words: a match of which the name (before it in the value, or else the key) holds one is harmless. */
  readonly notNamed: readonly string[];
  /** How many leading characters of a match are public (a vendor's prefix) and may show in the mask. */
  readonly maskPrefix: number;
  readonly fingerprint: boolean;
  /** Where matches overlap, the higher one is reported. */
  readonly priority: number;
  readonly examples: readonly Example[];
  readonly nonExamples: readonly Example[];
  readonly references: readonly string[];
  readonly remedy: string;
}

export interface Detector extends DetectorDocument {
  /** The rule file that it stands in. */
  readonly file: string;
  readonly compiled: Pattern;
  /** All of `allow` in one, or null. */
  readonly allowed: Pattern | null;
}

/** The names that rules may use. */
export interface RuleTables {
  readonly validators: readonly string[];
  readonly shapes: readonly string[];
}

const FIELDS = [
  'id',
  'name',
  'kind',
  'severity',
  'confidence',
  'keywords',
  'shape',
  'context',
  'pattern',
  'boundary',
  'entropy',
  'validators',
  'checksum',
  'never',
  'allow',
  'not_named',
  'mask_prefix',
  'fingerprint',
  'priority',
  'examples',
  'non_examples',
  'references',
  'remedy',
];

/**
 * Checks and compiles the parsed documents of rule files.
 *
 * @param files parsed YAML by file name, each `{family, detectors: [...]}`
 * @returns the detectors in file order, and every problem of every file
 */
export function compileDetectors(
  files: ReadonlyMap<string, unknown>,
  tables: RuleTables,
  compiler: PatternCompiler,
): { detectors: Detector[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const detectors: Detector[] = [];
  const seen = new Map<string, string>();
  for (const [file, content] of files) {
    const top = asObject(content);
    if (top === null || typeof top.family !== 'string' || !Array.isArray(top.detectors)) {
      problems.push(problem('wrong-shape', file, 'not a rule file', '{family: text, detectors: [...]}'));
      continue;
    }
    for (const [index, raw] of top.detectors.entries()) {
      const id = asObject(raw)?.id;
      const place = typeof id === 'string' ? `${file}: ${id}` : `${file}: detectors[${index}]`;
      const reader = new DocumentReader(place, raw, problems);
      const document = readDetector(reader, top.family, tables);
      const other = seen.get(document.id);
      if (other !== undefined) reader.report('id', `used by ${other} already`, 'an id of its own');
      seen.set(document.id, other ?? file);
      const compiled = compilePattern(reader, 'pattern', document.pattern, compiler);
      const allow = document.allow.map((source) => `(?:${source})`).join('|');
      const allowed = allow === '' ? null : compilePattern(reader, 'allow', `^(?:${allow})$`, compiler);
      if (compiled !== null) detectors.push({ ...document, file, compiled, allowed });
    }
  }
  return { detectors, problems };
}

function compilePattern(r: DocumentReader, field: string, source: string, compiler: PatternCompiler): Pattern | null {
  const compiled = compiler.compile(source);
  if ('error' in compiled) {
    r.report(field, compiled.error, 'RE2 syntax');
    return null;
  }
  if (compiled.matchesEmpty) r.report(field, 'matches nothing at all', 'a match of some length');
  return compiled;
}

function readDetector(r: DocumentReader, family: string, tables: RuleTables): DetectorDocument {
  r.only(FIELDS);
  const document: DetectorDocument = {
    id: r.text('id', /^[a-z0-9]+(?:-[a-z0-9]+)*$/, 'lower-case words joined by dashes'),
    name: r.text('name'),
    family,
    kind: r.oneOf('kind', ['secret', 'pii'], 'secret'),
    severity: r.oneOf('severity', SEVERITIES, 'medium'),
    confidence: r.oneOf('confidence', CONFIDENCES, 'other'),
    keywords: r.texts('keywords'),
    shape: readShape(r),
    context: readContext(r),
    pattern: r.text('pattern'),
    boundary: r.oneOf('boundary', Object.keys(BOUNDARIES) as Boundary[], 'word', true),
    entropy: r.number('entropy', 0, 8),
    validators: r.names('validators', tables.validators),
    checksum: r.names('checksum', tables.validators),
    never: r.names('never', tables.shapes),
    allow: r.texts('allow'),
    notNamed: readPhrases(r, 'not_named'),
    maskPrefix: r.number('mask_prefix', 0, 16),
    fingerprint: r.flag('fingerprint', true),
    priority: r.number('priority', -10, 10),
    examples: readExamples(r, 'examples'),
    nonExamples: readExamples(r, 'non_examples'),
    references: r.texts('references'),
    remedy: r.text('remedy'),
  };
  if (document.keywords.length === 0 && document.shape === null && !document.context?.required) {
    r.report('keywords', 'no gate', 'at least one of keywords, shape, and context with required');
  }
  if (document.keywords.some((k) => /^[a-z0-9]?$/i.test(k))) {
    r.report('keywords', 'too short to gate anything', 'at least 2 characters, or one that is no letter or digit');
  }
  if (document.references.length === 0) r.report('references', 'missing', 'where the format is documented');
  return document;
}

function readShape(r: DocumentReader): DetectorDocument['shape'] {
  if (!r.has('shape')) return null;
  const shape = r.nested('shape');
  const fields = SHAPE_COUNTS.map((name) => SHAPE_FIELDS[name] ?? name);
  shape.only(fields);
  const counts = SHAPE_COUNTS.map((name, i) => [name, shape.number(fields[i]!, 0, 100)] as const);
  if (counts.every(([, least]) => least === 0)) r.report('shape', 'empty', fields.join(', '));
  return Object.fromEntries(counts) as DetectorDocument['shape'];
}

function readContext(r: DocumentReader): DetectorContext | null {
  if (!r.has('context')) return null;
  const c = r.nested('context');
  c.only(['key', 'near', 'siblings', 'required']);
  const context = {
    key: c.texts('key'),
    near: c.texts('near'),
    siblings: c.texts('siblings'),
    required: c.flag('required', true),
  };
  const phrases = [...context.key, ...context.near, ...context.siblings];
  if (phrases.length === 0) r.report('context', 'empty', 'words in key, near or siblings');
  checkPhrases(r, 'context', phrases);
  return context;
}

function readPhrases(r: DocumentReader, field: string): string[] {
  const phrases = r.texts(field);
  checkPhrases(r, field, phrases);
  return phrases;
}

function checkPhrases(r: DocumentReader, field: string, phrases: readonly string[]): void {
  if (phrases.some((phrase) => !/^[a-z0-9]+(?: [a-z0-9]+)*$/.test(phrase))) {
    r.report(field, 'not in words', 'lower-case letters and digits, words of a phrase split by one space');
  }
}

/** Examples are texts, or `{key, value, siblings}` where the detector needs to see what stands around. */
function readExamples(r: DocumentReader, field: string): Example[] {
  const value = r.value(field);
  if (!Array.isArray(value) || value.length < 3) {
    r.report(field, 'too few', 'at least three values, or {key, value, siblings}');
    return [];
  }
  return value.map((item, i) => {
    const given = typeof item === 'string' ? { value: item } : asObject(item);
    const { key = 'example', value: text, siblings = {} } = given ?? {};
    const others = asObject(siblings);
    if (typeof key === 'string' && typeof text === 'string' && others !== null) {
      if (Object.values(others).every((v) => typeof v === 'string')) {
        return { key, value: text, siblings: others as Example['siblings'] };
      }
    }
    r.report(`${field}[${i}]`, 'wrong type', 'a value, or {key, value, siblings}, all of them text');
    return { key: '', value: '', siblings: {} };
  });
}
