import type { Shape } from '../rules/detector-document.js';

/** How far the bits of kinds are shifted, and how many combinations of them there are. */
export const KIND_SHIFT = 6;
export const KINDS = 1 << 8;

/** Bits that say which kinds of characters a value has. */
export const HAS_DIGIT = 1 << 6;
export const HAS_CAPITAL = 1 << 7;
export const HAS_SMALL = 1 << 8;
export const HAS_DOT = 1 << 9;
export const HAS_COLON = 1 << 10;
export const HAS_DASH = 1 << 11;
/** A percent sign or a backslash, with which encoded characters begin. */
export const HAS_ESCAPE = 1 << 12;
export const HAS_OTHER = 1 << 13;

/** The bit of one byte. */
export const KIND = new Int32Array(256).fill(HAS_OTHER, 128);
KIND.fill(HAS_DIGIT, 48, 58);
KIND.fill(HAS_CAPITAL, 65, 91);
KIND.fill(HAS_SMALL, 97, 123);
KIND[46] = HAS_DOT;
KIND[58] = HAS_COLON;
KIND[45] = HAS_DASH;
KIND[37] = KIND[92] = HAS_ESCAPE;

/** The shortest value that can have the shape. */
export function leastLength(least: Shape): number {
  const { digits, dots, colons, dashes, capitals, digitRun, upperRun, wordRun } = least;
  return Math.max(Math.max(digits, digitRun) + dots + colons + dashes + capitals, upperRun, wordRun);
}

/** Space, dash, dot and slash stand between the groups of a number. */
const JOINER = 1;
const SMALL = 2;
const CAPITAL = 4;
const DIGIT = 8;
const WORD = SMALL | CAPITAL | DIGIT;
const CLASS = new Uint8Array(256);
CLASS.fill(DIGIT, 48, 58).fill(CAPITAL, 65, 91).fill(SMALL, 97, 123);
for (const c of [32, 45, 46, 47]) CLASS[c] = JOINER;

/** What one byte adds to a packed counter of digits, capitals and dashes, of 10 bits each. */
export const PACKED_COUNT = new Int32Array(256).fill(1, 48, 58).fill(1 << 10, 65, 91);
PACKED_COUNT[45] = 1 << 20;
const POINTS = new Uint16Array(256);
POINTS[46] = 1;
POINTS[58] = 1 << 10;
const MAX_COUNTED = 1023;

/** The bits without which a value cannot have the shape. */
export function kindsOf(least: Shape): number {
  const digit = least.digits > 0 || least.digitRun > 0 ? HAS_DIGIT : 0;
  const rest = [
    least.capitals > 0 && HAS_CAPITAL,
    least.dots > 0 && HAS_DOT,
    least.colons > 0 && HAS_COLON,
    least.dashes > 0 && HAS_DASH,
  ];
  return rest.reduce<number>((bits, bit) => bits | Number(bit), digit);
}

/**
 * How many characters of a kind a value has, and its longest runs: of digits and of capitals and digits, both with
 * single joiners passed over, and of letters and digits without any. Counts of a value over 1,023 bytes are infinite.
 * What costs much is measured last, when the rest fits.
 */
export class Counts implements Shape {
  digits = 0;
  dots = 0;
  colons = 0;
  dashes = 0;
  capitals = 0;
  digitRun = 0;
  upperRun = 0;
  wordRun = 0;

  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  private hasRuns = false;

  /** @param counts sum of `PACKED_COUNT` over bytes[start, end) */
  begin(bytes: Uint8Array, start: number, end: number, counts: number): void {
    const long = end - start > MAX_COUNTED;
    this.digits = long ? Number.POSITIVE_INFINITY : counts & 1023;
    this.capitals = long ? Number.POSITIVE_INFINITY : (counts >>> 10) & 1023;
    this.dashes = long ? Number.POSITIVE_INFINITY : counts >>> 20;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.hasRuns = false;
  }

  /** Also dots and colons: whatever takes a pass of its own. */
  measureRuns(): void {
    const { bytes, start, end } = this;
    let points = 0;
    let digits = 0;
    let upper = 0;
    let word = 0;
    let digitRun = 0;
    let upperRun = 0;
    let wordRun = 0;
    let joined = true;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      const c = CLASS[byte]!;
      points += POINTS[byte]!;
      if ((c & WORD) === 0) {
        word = 0;
        if (c !== JOINER || joined) digits = upper = 0;
        joined = c === JOINER;
        continue;
      }
      joined = false;
      if (++word > wordRun) wordRun = word;
      upper = c === SMALL ? 0 : upper + 1;
      digits = c === DIGIT ? digits + 1 : 0;
      if (upper > upperRun) upperRun = upper;
      if (digits > digitRun) digitRun = digits;
    }
    const long = end - start > MAX_COUNTED;
    this.dots = long ? Number.POSITIVE_INFINITY : points & 1023;
    this.colons = long ? Number.POSITIVE_INFINITY : points >>> 10;
    this.hasRuns = true;
    this.digitRun = digitRun;
    this.upperRun = upperRun;
    this.wordRun = wordRun;
  }

  reach(least: Shape): boolean {
    const { digits, capitals, dashes } = this;
    if (digits < least.digits || digits < least.digitRun || capitals < least.capitals || dashes < least.dashes)
      return false;
    if (digits + capitals < least.upperRun) return false;
    if (!this.hasRuns) this.measureRuns();
    return (
      this.dots >= least.dots &&
      this.colons >= least.colons &&
      this.digitRun >= least.digitRun &&
      this.upperRun >= least.upperRun &&
      this.wordRun >= least.wordRun
    );
  }
}
