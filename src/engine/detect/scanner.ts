import { decodeUtf8 } from '../encoding.js';
import { BOUNDARIES, type Detector } from '../rules/detector-document.js';
import type { PatternCompiler, PatternMatch, PatternSet } from '../rules/pattern.js';
import { entropy } from './entropy.js';
import { Gate } from './gate.js';
import { hasPhrase, keyWords } from './key-words.js';
import { maskForm, maskSecret } from './mask.js';
import { fits } from './shape.js';
import { VALIDATORS, type Validator } from './validators/index.js';

/** A match in one value. There is no field for what was matched. */
export interface Match {
  readonly detector: Detector;
  /** UTF-16 code units in the value. */
  readonly start: number;
  readonly end: number;
  readonly mask: string;
  /** Keyed hash of detector and match in hex, '' where the detector allows none. */
  readonly fingerprint: string;
}

/** Which detectors an attribute key lets in, asked once per key. */
export interface KeyContext {
  /** By detector: 0 when the detector wants words that the key does not have. */
  readonly allowed: Uint8Array<ArrayBuffer>;
  /** Detectors that the key alone makes candidates. */
  readonly forced: readonly number[];
  /** Detectors that a value's shape makes candidates. */
  readonly shaped: readonly number[];
}

/** Keyed hash of a match: same key, detector and match, same text. */
export type Fingerprint = (detector: string, match: string) => string;

const MAX_MATCHES_PER_DETECTOR = 100;
/** From how many patterns on one pass with all of them is cheaper than one each. */
const WORTH_A_SET = 3;
const NO_MATCHES: readonly Match[] = [];

interface Candidate extends PatternMatch {
  readonly detector: Detector;
  readonly text: string;
}

/**
 * Runs the detectors over values. Keywords (one automaton) and shapes (one pattern set each) choose the few detectors
 * that can match; only those run, and their validators last.
 */
export class Scanner {
  private readonly gate: Gate;
  /** All detectors that are chosen by shape, and their patterns in one set. */
  private readonly shaped: readonly number[];
  private readonly shapedPatterns: PatternSet;
  private readonly boundaries: readonly Uint8Array[];
  private readonly validators: readonly (readonly Validator[])[];
  /** The detectors that a value's keywords, shape and key chose, and a mark per detector that it is among them. */
  private readonly chosen: number[] = [];
  private readonly isChosen: Uint8Array;
  private allowed = new Uint8Array(0);
  private readonly choose = (index: number): void => {
    if (this.isChosen[index] === 1 || this.allowed[index] === 0) return;
    this.isChosen[index] = 1;
    this.chosen.push(index);
  };

  constructor(
    readonly detectors: readonly Detector[],
    compiler: PatternCompiler,
    private readonly fingerprint: Fingerprint,
  ) {
    this.gate = new Gate(
      detectors.map((d) => d.keywords),
      this.choose,
    );
    this.shaped = detectors.flatMap((d, i) => (d.shape !== null && d.keywords.length === 0 ? [i] : []));
    this.shapedPatterns = compiler.compileSet(this.shaped.map((i) => detectors[i]!.pattern));
    this.validators = detectors.map((d) => d.validators.map((name) => VALIDATORS[name]!));
    this.boundaries = detectors.map((d) => boundaryTable(BOUNDARIES[d.boundary]));
    this.isChosen = new Uint8Array(detectors.length);
  }

  keyContext(key: string): KeyContext {
    const words = keyWords(key);
    const lets = (d: Detector): boolean =>
      d.keyWords.length === 0 || d.keyWords.some((phrase) => hasPhrase(words, phrase));
    const allowed = Uint8Array.from(this.detectors, (d) => (lets(d) ? 1 : 0));
    return {
      allowed,
      forced: this.detectors.flatMap((d, i) =>
        d.keywords.length === 0 && d.shape === null && allowed[i] === 1 ? [i] : [],
      ),
      shaped: this.shaped.filter((i) => allowed[i] === 1),
    };
  }

  /** Whether the value that was scanned last was all ASCII, which the scan learns by the way. */
  get sawAscii(): boolean {
    return this.gate.ascii;
  }

  /** All matches in bytes[start, end), none of which overlap, in the order of the value. */
  scan(context: KeyContext, source: Uint8Array, start: number, end: number): readonly Match[] {
    this.chooseDetectors(context, source, start, end);
    if (this.chosen.length === 0) return NO_MATCHES;
    const bytes = source.subarray(start, end);
    let found: Candidate[] | null = null;
    for (const index of this.chosen) {
      this.isChosen[index] = 0;
      const detector = this.detectors[index]!;
      for (const match of detector.compiled.matches(bytes, MAX_MATCHES_PER_DETECTOR)) {
        const candidate = this.check(detector, index, bytes, match);
        if (candidate !== null) (found ??= []).push(candidate);
      }
    }
    this.chosen.length = 0;
    return found === null ? NO_MATCHES : this.report(bytes, withoutOverlaps(found));
  }

  private chooseDetectors(context: KeyContext, bytes: Uint8Array, start: number, end: number): void {
    this.allowed = context.allowed;
    this.gate.pass(bytes, start, end);
    for (const index of context.forced) this.choose(index);
    const { counts, capitals } = this.gate;
    let fitting = 0;
    for (const index of context.shaped) if (fits(counts, capitals, this.detectors[index]!.shape!)) fitting++;
    if (fitting === 0) return;
    const all = fitting > WORTH_A_SET ? this.shapedPatterns.match(bytes.subarray(start, end)) : null;
    for (const index of all?.map((i) => this.shaped[i]!) ?? context.shaped) {
      if (fits(counts, capitals, this.detectors[index]!.shape!)) this.choose(index);
    }
  }

  private check(detector: Detector, index: number, bytes: Uint8Array, match: PatternMatch): Candidate | null {
    const joined = this.boundaries[index]!;
    const { captureStart, captureEnd } = match;
    if (joins(joined, bytes[captureStart - 1], bytes[captureStart - 2])) return null;
    if (joins(joined, bytes[captureEnd], bytes[captureEnd + 1])) return null;
    const text = decodeUtf8(bytes.subarray(captureStart, captureEnd));
    if (detector.entropy > 0 && entropy(text) < detector.entropy) return null;
    for (const holds of this.validators[index]!) if (!holds(text)) return null;
    return { ...match, detector, text };
  }

  private report(bytes: Uint8Array, found: readonly Candidate[]): Match[] {
    return found.map(({ detector, text, captureStart, captureEnd }) => {
      const start = utf16Length(bytes, 0, captureStart);
      return {
        detector,
        start,
        end: start + utf16Length(bytes, captureStart, captureEnd),
        mask: detector.kind === 'secret' ? maskSecret(text, detector.maskPrefix) : maskForm(text),
        fingerprint: detector.fingerprint ? this.fingerprint(detector.id, text) : '',
      };
    });
  }
}

/** Of overlapping matches the one with the higher priority stays, then the longer, then the first by id. */
function withoutOverlaps(found: Candidate[]): Candidate[] {
  found.sort(
    (a, b) =>
      b.detector.priority - a.detector.priority ||
      b.captureEnd - b.captureStart - (a.captureEnd - a.captureStart) ||
      (a.detector.id < b.detector.id ? -1 : 1),
  );
  const kept: Candidate[] = [];
  for (const match of found) {
    if (kept.every((k) => match.captureEnd <= k.captureStart || match.captureStart >= k.captureEnd)) kept.push(match);
  }
  return kept.sort((a, b) => a.captureStart - b.captureStart);
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
