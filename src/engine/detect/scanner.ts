import { decodeUtf8 } from '../encoding.js';
import type { Confidence } from '../model/finding.js';
import { BOUNDARIES, type Detector, type DetectorContext } from '../rules/detector-document.js';
import type { PatternMatch } from '../rules/pattern.js';
import { Automaton } from './automaton.js';
import { entropy } from './entropy.js';
import { Gate } from './gate.js';
import { HARMLESS_SHAPES, type HarmlessShape } from './harmless-shapes.js';
import { hasPhrase, keyWords, phrasesOf } from './key-words.js';
import { maskForm, maskSecret } from './mask.js';
import { nameBefore } from './name-before.js';
import { Counts, ShapeChoice, Shapes } from './shape.js';
import { VALIDATORS, type Validator } from './validators/index.js';

/** A match in one value. There is no field for what was matched. */
export interface Match {
  readonly detector: Detector;
  readonly confidence: Confidence;
  /** The key, or a sibling, names what the detector looks for. */
  readonly named: boolean;
  /** UTF-16 code units in the value. */
  readonly start: number;
  readonly end: number;
  readonly mask: string;
  /** Keyed hash of detector and match in hex, '' where the detector allows none. */
  readonly fingerprint: string;
}

/** What an attribute's key and its siblings mean for the detectors, asked once per key. */
export interface KeyContext {
  /** By detector: 0 when it cannot match under this key. */
  readonly allowed: Uint8Array<ArrayBuffer>;
  /** By detector: 1 when the key or a sibling holds one of its context words. */
  readonly present: Uint8Array<ArrayBuffer>;
  /** By detector: 1 when the key holds a word that makes its matches harmless. */
  readonly misnamed: Uint8Array<ArrayBuffer>;
  /** Detectors that the context alone makes candidates; null where there are none. */
  readonly forced: ShapeChoice | null;
}

/** Keyed hash of a match: same key, detector and match, same text. */
export type Fingerprint = (detector: string, match: string) => string;

const MAX_MATCHES_PER_DETECTOR = 100;
/** How many bytes before a match are searched for its context words. */
const NEAR = 40;
const MAX_NAMES = 4096;
/** How many kinds of values are remembered with the detectors that they may fit: of all values, and of those of one key. */
const SHAPES_KEPT = 4096;
const FORCED_KEPT = 64;
const NO_MATCHES: readonly Match[] = [];
const NO_CANDIDATES: readonly Candidate[] = [];

interface Candidate extends PatternMatch {
  readonly detector: Detector;
  readonly confidence: Confidence;
  readonly named: boolean;
  readonly text: string;
}

/** What a detector needs beside its pattern, looked up once. */
interface Prepared {
  readonly priority: number;
  readonly boundary: Uint8Array;
  readonly validators: readonly Validator[];
  readonly checksum: readonly Validator[];
  readonly never: readonly HarmlessShape[];
  /** Undefined until the detector is chosen for the first time, null where there is none. */
  automaton: Automaton | null | undefined;
}

/**
 * Runs the detectors over values. Keywords (one automaton), shapes (counts of characters) and context choose the few
 * detectors that can match; only those run, and their validators last.
 */
export class Scanner {
  private readonly gate: Gate;
  private readonly counts = new Counts();
  private readonly prepared: readonly Prepared[];
  private readonly shapes: Shapes;
  /** The detectors that shape alone chooses. */
  private readonly shaped: ShapeChoice;
  /** The detectors that a value's keywords, shape and context chose, and a mark per detector that it is among them. */
  private readonly chosen: Int32Array;
  private chosenCount = 0;
  private readonly isChosen: Uint8Array;
  /** The detectors that want a phrase in the key, or in a sibling. */
  private readonly byKeyPhrase: ReadonlyMap<string, readonly number[]>;
  private readonly bySibling: ReadonlyMap<string, readonly number[]>;
  /** The detectors whose matches a phrase in the key makes harmless. */
  private readonly byOtherName: ReadonlyMap<string, readonly number[]>;
  /** By detector: 1 when it can match under a key that holds none of its context words. */
  private readonly allowedAnywhere: Uint8Array<ArrayBuffer>;
  /** Words in the longest phrase of all. */
  private readonly longestPhrase: number;
  /** Detectors that their context alone can make candidates. */
  private readonly forceable: readonly number[];
  private allowed = new Uint8Array(0);
  /** The value that is scanned, where it is ASCII and was needed as text. */
  private asciiText: string | null = null;
  /** Words of names that stood before matches. */
  private readonly names = new Map<string, readonly string[]>();
  private readonly choose = (index: number): void => {
    if (this.isChosen[index] === 1 || this.allowed[index] === 0) return;
    this.isChosen[index] = 1;
    this.chosen[this.chosenCount++] = index;
  };

  constructor(
    readonly detectors: readonly Detector[],
    private readonly fingerprint: Fingerprint,
  ) {
    this.gate = new Gate(detectors.map(gateWords), this.choose);
    this.prepared = detectors.map(prepare);
    this.shapes = new Shapes(detectors.map(({ shape }) => shape));
    const shaped = detectors.flatMap((d, i) => (gateWords(d).length === 0 && !d.context?.required ? [i] : []));
    this.shaped = new ShapeChoice(this.shapes, shaped, SHAPES_KEPT);
    this.isChosen = new Uint8Array(detectors.length);
    this.chosen = new Int32Array(detectors.length);
    this.byKeyPhrase = detectorsByPhrase(detectors, ({ context }) => context?.key ?? []);
    this.bySibling = detectorsByPhrase(detectors, ({ context }) => context?.siblings ?? []);
    this.byOtherName = detectorsByPhrase(detectors, ({ notNamed }) => notNamed);
    const phrases = [this.byKeyPhrase, this.bySibling, this.byOtherName].flatMap((byPhrase) => [...byPhrase.keys()]);
    this.longestPhrase = phrases.reduce((longest, phrase) => Math.max(longest, phrase.split(' ').length), 0);
    this.forceable = detectors.flatMap((d, i) => (d.context?.required && d.keywords.length === 0 ? [i] : []));
    this.allowedAnywhere = Uint8Array.from(detectors, ({ context }) =>
      !context?.required || context.near.length > 0 ? 1 : 0,
    );
  }

  /** @param siblings phrases of `siblingPhrases` that stand in attributes beside this one */
  keyContext(key: string, siblings: readonly string[] = []): KeyContext {
    const allowed = this.allowedAnywhere.slice();
    const present = new Uint8Array(this.detectors.length);
    const misnamed = new Uint8Array(this.detectors.length);
    const isThere = (index: number): void => {
      present[index] = allowed[index] = 1;
    };
    for (const phrase of phrasesOf(keyWords(key), this.longestPhrase)) {
      this.byKeyPhrase.get(phrase)?.forEach(isThere);
      for (const index of this.byOtherName.get(phrase) ?? []) misnamed[index] = 1;
    }
    for (const phrase of siblings) this.bySibling.get(phrase)?.forEach(isThere);
    const forced = this.forceable.filter((i) => present[i] === 1);
    const choice = forced.length === 0 ? null : new ShapeChoice(this.shapes, forced, FORCED_KEPT);
    return { allowed, present, misnamed, forced: choice };
  }

  /** The phrases in a text that make detectors match in the attributes beside it. */
  siblingPhrases(text: string): readonly string[] {
    const phrases = new Set(phrasesOf(keyWords(text), this.longestPhrase));
    return [...phrases].filter((phrase) => this.bySibling.has(phrase));
  }

  /** Whether the value that was scanned last was all ASCII, which the scan learns by the way. */
  get sawAscii(): boolean {
    return this.gate.ascii;
  }

  /** The kinds of characters in it: bits of `KIND`. */
  get sawKinds(): number {
    return this.gate.kinds;
  }

  /** All matches in bytes[start, end), none of which overlap, in the order of the value. */
  scan(context: KeyContext, source: Uint8Array, start: number, end: number): readonly Match[] {
    this.chooseDetectors(context, source, start, end);
    if (this.chosenCount > 0) this.dropHopeless(source, start, end);
    if (this.chosenCount === 0) return NO_MATCHES;
    const bytes = source.subarray(start, end);
    const found = this.tryChosen(context, bytes);
    this.asciiText = null;
    return found.length === 0 ? NO_MATCHES : this.report(bytes, withoutOverlaps(found));
  }

  /** Tries the chosen detectors by priority: what overlaps a match of a higher one need not be looked at. */
  private tryChosen(context: KeyContext, bytes: Uint8Array): Candidate[] {
    this.sortChosen();
    let found: Candidate[] = [];
    let higher: readonly Candidate[] = NO_CANDIDATES;
    for (let i = 0; i < this.chosenCount; i++) {
      const index = this.chosen[i]!;
      this.isChosen[index] = 0;
      const isLower = i > 0 && this.prepared[index]!.priority < this.prepared[this.chosen[i - 1]!]!.priority;
      if (isLower && found.length > 0) higher = found = withoutOverlaps(found);
      this.tryDetector(index, context, bytes, found, higher);
    }
    this.chosenCount = 0;
    return found;
  }

  /** Insertion sort: they are few. */
  private sortChosen(): void {
    const { chosen, prepared } = this;
    for (let i = 1; i < this.chosenCount; i++) {
      const index = chosen[i]!;
      const { priority } = prepared[index]!;
      let at = i;
      for (; at > 0 && prepared[chosen[at - 1]!]!.priority < priority; at--) chosen[at] = chosen[at - 1]!;
      chosen[at] = index;
    }
  }

  /** Adds the matches of a detector that hold, and that overlap none of `higher`, to `found`. */
  private tryDetector(
    index: number,
    context: KeyContext,
    bytes: Uint8Array,
    found: Candidate[],
    higher: readonly Candidate[],
  ): void {
    const detector = this.detectors[index]!;
    for (const match of detector.compiled.matches(bytes, MAX_MATCHES_PER_DETECTOR)) {
      if (higher.length > 0 && overlapsOne(match, higher)) continue;
      const candidate = this.check(detector, index, context, bytes, match);
      if (candidate !== null) found.push(candidate);
    }
  }

  private chooseDetectors(context: KeyContext, bytes: Uint8Array, start: number, end: number): void {
    const { gate, chosen } = this;
    this.allowed = context.allowed;
    gate.pass(bytes, start, end);
    this.counts.begin(bytes, start, end, gate.kinds, gate.counts);
    let kept = 0;
    for (let i = 0; i < this.chosenCount; i++) {
      const index = chosen[i]!;
      if (this.shapes.fits(index, this.counts)) chosen[kept++] = index;
      else this.isChosen[index] = 0;
    }
    this.chosenCount = kept;
    if (context.forced !== null) context.forced.of(this.counts, this.choose);
    this.shaped.of(this.counts, this.choose);
  }

  /** Keeps of the chosen detectors those whose patterns may match. */
  private dropHopeless(bytes: Uint8Array, start: number, end: number): void {
    const { chosen } = this;
    let kept = 0;
    for (let i = 0; i < this.chosenCount; i++) {
      const index = chosen[i]!;
      const prepared = this.prepared[index]!;
      if (prepared.automaton === undefined) prepared.automaton = automatonOf(this.detectors[index]!);
      if (prepared.automaton === null || prepared.automaton.mayMatch(bytes, start, end)) chosen[kept++] = index;
      else this.isChosen[index] = 0;
    }
    this.chosenCount = kept;
  }

  private check(
    detector: Detector,
    index: number,
    context: KeyContext,
    bytes: Uint8Array,
    match: PatternMatch,
  ): Candidate | null {
    const { boundary, validators, checksum, never } = this.prepared[index]!;
    const { captureStart, captureEnd } = match;
    if (joins(boundary, bytes[captureStart - 1], bytes[captureStart - 2])) return null;
    if (joins(boundary, bytes[captureEnd], bytes[captureEnd + 1])) return null;
    const text = this.textOf(bytes, captureStart, captureEnd);
    if (detector.entropy > 0 && entropy(text) < detector.entropy) return null;
    for (const isHarmless of never) if (isHarmless(text)) return null;
    for (const holds of validators) if (!holds(text)) return null;
    if (detector.allowed !== null && detector.allowed.matches(bytes.subarray(captureStart, captureEnd), 1).length > 0)
      return null;
    if (detector.notNamed.length > 0) {
      const name = nameBefore(bytes, captureStart);
      const isMisnamed =
        name === null ? context.misnamed[index] === 1 : holdsPhrase(this.wordsOf(name), detector.notNamed);
      if (isMisnamed) return null;
    }
    let certain = detector.confidence === 'high' || (checksum.length > 0 && checksum.every((holds) => holds(text)));
    if (detector.context !== null && (!certain || detector.context.required)) {
      const present = context.present[index] === 1 || isNear(detector.context, bytes, captureStart);
      if (!present && detector.context.required) return null;
      certain ||= present && !detector.context.required;
    }
    const { start, end } = match;
    const named = context.present[index] === 1;
    // Field by field: to copy an object with spread syntax takes longer than all the checks.
    return { start, end, captureStart, captureEnd, detector, confidence: certain ? 'high' : 'other', named, text };
  }

  /** Values of ASCII, which most are, are made into text once, however many matches they have. */
  private textOf(bytes: Uint8Array, start: number, end: number): string {
    if (!this.gate.ascii) return decodeUtf8(bytes.subarray(start, end));
    this.asciiText ??= decodeUtf8(bytes);
    return this.asciiText.slice(start, end);
  }

  private wordsOf(name: string): readonly string[] {
    const known = this.names.get(name);
    if (known !== undefined) return known;
    if (this.names.size === MAX_NAMES) this.names.clear();
    const words = keyWords(name);
    this.names.set(name, words);
    return words;
  }

  private report(bytes: Uint8Array, found: readonly Candidate[]): Match[] {
    const { ascii } = this.gate;
    return found.map(({ detector, confidence, named, text, captureStart }) => {
      const start = ascii ? captureStart : utf16Length(bytes, 0, captureStart);
      return {
        detector,
        confidence,
        named,
        start,
        end: start + text.length,
        mask: detector.kind === 'secret' ? maskSecret(text, detector.maskPrefix) : maskForm(text),
        fingerprint: detector.fingerprint ? this.fingerprint(detector.id, text) : '',
      };
    });
  }
}

/** The literals that let a detector in: its keywords, or else of each phrase that must stand near the longest word. */
function gateWords({ keywords, context }: Detector): readonly string[] {
  if (keywords.length > 0 || !context?.required) return keywords;
  return context.near.map((phrase) => phrase.split(' ').reduce((a, b) => (b.length > a.length ? b : a)));
}

function detectorsByPhrase(
  detectors: readonly Detector[],
  phrasesOfDetector: (detector: Detector) => readonly string[],
): Map<string, number[]> {
  const byPhrase = new Map<string, number[]>();
  for (const [index, detector] of detectors.entries()) {
    for (const phrase of phrasesOfDetector(detector)) {
      const known = byPhrase.get(phrase);
      if (known === undefined) byPhrase.set(phrase, [index]);
      else known.push(index);
    }
  }
  return byPhrase;
}

/** Scanners with the same detectors share what their automata have learnt. */
const automata = new WeakMap<Detector, { readonly automaton: Automaton | null }>();

function automatonOf(detector: Detector): Automaton | null {
  const known = automata.get(detector);
  if (known !== undefined) return known.automaton;
  const automaton = Automaton.of(detector.pattern);
  automata.set(detector, { automaton });
  return automaton;
}

function prepare(d: Detector): Prepared {
  return {
    priority: d.priority,
    boundary: boundaryTable(BOUNDARIES[d.boundary]),
    validators: d.validators.map((name) => VALIDATORS[name]!),
    checksum: d.checksum.map((name) => VALIDATORS[name]!),
    never: d.never.map((name) => HARMLESS_SHAPES[name]!),
    automaton: undefined,
  };
}

function isNear({ near }: DetectorContext, bytes: Uint8Array, start: number): boolean {
  if (near.length === 0) return false;
  const words = keyWords(decodeUtf8(bytes.subarray(Math.max(0, start - NEAR), start)));
  return holdsPhrase(words, near);
}

function holdsPhrase(words: readonly string[], phrases: readonly string[]): boolean {
  return phrases.some((phrase) => hasPhrase(words, phrase));
}

/** Of overlapping matches the one with the higher priority stays, then the longer, then the first by id. */
function withoutOverlaps(found: Candidate[]): Candidate[] {
  if (found.length < 2) return found;
  found.sort(
    (a, b) =>
      b.detector.priority - a.detector.priority ||
      b.captureEnd - b.captureStart - (a.captureEnd - a.captureStart) ||
      (a.detector.id < b.detector.id ? -1 : 1),
  );
  const kept: Candidate[] = [];
  for (const match of found) if (!overlapsOne(match, kept)) kept.push(match);
  return kept.sort((a, b) => a.captureStart - b.captureStart);
}

function overlapsOne(match: PatternMatch, others: readonly PatternMatch[]): boolean {
  return others.some((other) => match.captureEnd > other.captureStart && match.captureStart < other.captureEnd);
}

const ALONE = 0;
const WORD = 1;
/** Joins two words, but is punctuation where no word follows: the dot of `1.2` and the one that ends a sentence. */
const JOINER = 2;

function boundaryTable(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  if (characters === '') return table;
  const word = new RegExp(`[${characters}]`);
  for (let c = 0; c < 128; c++) table[c] = word.test(String.fromCharCode(c)) ? WORD : ALONE;
  for (const c of [45, 46]) if (table[c] === WORD) table[c] = JOINER;
  return table;
}

/** Whether the character next to a match, or that and the one beyond it, makes the match a part of something longer. */
function joins(table: Uint8Array, neighbour: number | undefined, beyond: number | undefined): boolean {
  if (neighbour === undefined || table[neighbour] === ALONE) return false;
  return table[neighbour] === WORD || (beyond !== undefined && table[beyond] === WORD);
}

function utf16Length(bytes: Uint8Array, start: number, end: number): number {
  return decodeUtf8(bytes.subarray(start, end)).length;
}
