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

/** Kinds of characters that a shape counts. */
const SHAPE_COUNTS = ['digits', 'dots', 'colons', 'dashes', 'capitals'] as const;

/** A value, or a value with the attribute key that the detector needs to see. */
export interface Example {
  readonly key: string;
  readonly value: string;
}

/**
 * One detector as `rules/detectors/**.yaml` states it; `docs/detectors.md` lists the shipped ones. A value is handed
 * to the pattern only when a keyword occurs in it, its shape fits, or one of the key words is in the attribute's key.
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
  readonly shape: Readonly<Record<(typeof SHAPE_COUNTS)[number], number>> | null;
  /** Words of the attribute key (split at `._-/` and camelCase), one of which must be there. */
  readonly keyWords: readonly string[];
  /** RE2; the group named `match` is what is reported, or else the whole match. */
  readonly pattern: string;
  readonly boundary: Boundary;
  /** Least Shannon entropy of the match in bits a character; 0 asks for none. */
  readonly entropy: number;
  /** Names from the table of validators; all must hold. */
  readonly validators: readonly string[];
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
  readonly compiled: Pattern;
}

const FIELDS = [
  'id',
  'name',
  'kind',
  'severity',
  'confidence',
  'keywords',
  'shape',
  'key_words',
  'pattern',
  'boundary',
  'entropy',
  'validators',
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
 * @param validators names that `validators` may use
 * @returns the detectors in file order, and every problem of every file
 */
export function compileDetectors(
  files: ReadonlyMap<string, unknown>,
  validators: readonly string[],
  compiler: PatternCompiler,
): { detectors: Detector[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const detectors: Detector[] = [];
  const seen = new Set<string>();
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
      const document = readDetector(reader, top.family, validators);
      if (seen.has(document.id)) reader.report('id', 'used twice', 'an id of its own');
      seen.add(document.id);
      const compiled = compiler.compile(document.pattern);
      if ('error' in compiled) reader.report('pattern', compiled.error, 'RE2 syntax');
      else {
        if (compiled.matchesEmpty) reader.report('pattern', 'matches nothing at all', 'a match of some length');
        detectors.push({ ...document, compiled });
      }
    }
  }
  return { detectors, problems };
}

function readDetector(r: DocumentReader, family: string, validators: readonly string[]): DetectorDocument {
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
    keyWords: r.texts('key_words'),
    pattern: r.text('pattern'),
    boundary: r.oneOf('boundary', Object.keys(BOUNDARIES) as Boundary[], 'word', true),
    entropy: r.number('entropy', 0, 8),
    validators: r.texts('validators'),
    maskPrefix: r.number('mask_prefix', 0, 16),
    fingerprint: r.flag('fingerprint', true),
    priority: r.number('priority', -10, 10),
    examples: readExamples(r, 'examples'),
    nonExamples: readExamples(r, 'non_examples'),
    references: r.texts('references'),
    remedy: r.text('remedy'),
  };
  if (document.keywords.length === 0 && document.shape === null && document.keyWords.length === 0) {
    r.report('keywords', 'no gate', 'at least one of keywords, shape, key_words');
  }
  if (document.keywords.some((k) => /^[a-z0-9]?$/i.test(k))) {
    r.report('keywords', 'too short to gate anything', 'at least 2 characters, or one that is no letter or digit');
  }
  for (const name of document.validators) {
    if (!validators.includes(name)) r.report('validators', 'unknown validator', validators.join(', '));
  }
  return document;
}

function readShape(r: DocumentReader): DetectorDocument['shape'] {
  if (!r.has('shape')) return null;
  const shape = r.nested('shape');
  shape.only(SHAPE_COUNTS);
  const counts = SHAPE_COUNTS.map((name) => [name, shape.number(name, 0, 100)] as const);
  if (counts.every(([, least]) => least === 0)) r.report('shape', 'empty', SHAPE_COUNTS.join(', '));
  return Object.fromEntries(counts) as DetectorDocument['shape'];
}

function readExamples(r: DocumentReader, field: string): Example[] {
  const value = r.value(field);
  if (!Array.isArray(value) || value.length < 3) {
    r.report(field, 'too few', 'at least three values, or {key, value}');
    return [];
  }
  return value.map((item, i) => {
    const pair = typeof item === 'string' ? { key: 'example', value: item } : asObject(item);
    if (typeof pair?.key === 'string' && typeof pair.value === 'string') return pair as unknown as Example;
    r.report(`${field}[${i}]`, 'wrong type', 'a value, or {key, value}');
    return { key: '', value: '' };
  });
}
