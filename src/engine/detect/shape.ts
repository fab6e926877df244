import type { Shape } from '../rules/detector-document.js';

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

/** Space, dash, dot and slash stand between the groups of a number. */
const JOINER = 1;
const SMALL = 2;
const CAPITAL = 4;
const DIGIT = 8;
const WORD = SMALL | CAPITAL | DIGIT;
const CLASS = new Uint8Array(256);
CLASS.fill(DIGIT, 48, 58).fill(CAPITAL, 65, 91).fill(SMALL, 97, 123);
for (const c of [32, 45, 46, 47]) CLASS[c] = JOINER;

/** What one byte adds to a packed counter of digits, capitals and dashes, of 9 bits and a free one each. */
export const PACKED_COUNT = new Int32Array(256).fill(1, 48, 58).fill(1 << 10, 65, 91);
PACKED_COUNT[45] = 1 << 20;
const POINTS = new Uint16Array(256);
POINTS[46] = 1;
POINTS[58] = 1 << 10;
/** Counters of a sum stay apart up to so many bytes; the bit above each of them is free. */
const MAX_COUNTED = 511;
const LENGTH_SHIFT = 9;
const FREE_BITS = (1 << 9) | (1 << 19) | (1 << 29);

/** What a value must have at least to be of a shape; the columns of `Shapes`. */
const LENGTH = 0;
const KIND_BITS = 1;
/** Digits, capitals and dashes as in `PACKED_COUNT`. */
const PACKED = 2;
const DOTS = 3;
const COLONS = 4;
const DIGIT_RUN = 5;
const UPPER_RUN = 6;
const WORD_RUN = 7;
const COLUMNS = 8;

/** The shapes of detectors as rows of numbers, each shape once, so that values are compared without looking at objects. */
export class Shapes {
  private readonly rows: Int32Array;
  /** By detector: where its row begins. */
  private readonly rowOf: Int32Array;

  /** @param shapes by detector; null where any value will do */
  constructor(shapes: readonly (Shape | null)[]) {
    const known = new Map<string, number>();
    const rows: number[] = [];
    this.rowOf = Int32Array.from(shapes, (shape) => {
      const row = shape === null ? new Array<number>(COLUMNS).fill(0) : rowOf(shape);
      const name = row.join();
      if (!known.has(name)) known.set(name, rows.push(...row) - COLUMNS);
      return known.get(name)!;
    });
    this.rows = Int32Array.from(rows);
  }

  /** Whether a value that was counted has what the shape of a detector wants. */
  fits(detector: number, counts: Counts): boolean {
    const row = this.rowOf[detector]!;
    return counts.mayReach(this.rows, row) && counts.reach(this.rows, row);
  }

  /**
   * The detectors by shape. Those that want shorter runs come first: where a value has none of these, nobody looks for the
   * longer ones.
   */
  groupsOf(detectors: readonly number[]): ShapeGroups {
    const byRow = new Map<number, number[]>();
    for (const detector of detectors) {
      const row = this.rowOf[detector]!;
      const group = byRow.get(row);
      if (group === undefined) byRow.set(row, [detector]);
      else group.push(detector);
    }
    const longest = (row: number): number =>
      Math.max(this.rows[row + DIGIT_RUN]!, this.rows[row + UPPER_RUN]!, this.rows[row + WORD_RUN]!);
    const rows = [...byRow.keys()].sort((a, b) => longest(a) - longest(b) || a - b);
    return {
      rows: Int32Array.from(rows.flatMap((row) => [...this.rows.subarray(row, row + COLUMNS)])),
      detectors: rows.map((row) => Int32Array.from(byRow.get(row)!)),
    };
  }
}

/** Detectors of the same shape, and the row of it, by group. */
interface ShapeGroups {
  readonly rows: Int32Array;
  readonly detectors: readonly Int32Array[];
}

const NO_GROUPS = new Int32Array(0);

/**
 * Chooses detectors by shape. Values of the same length and with the same counts come again and again, so for those that
 * came last it is kept which groups of detectors are left.
 */
export class ShapeChoice {
  private readonly groups: ShapeGroups;
  /** Counts, and kinds and length, of the values that are kept. */
  private readonly kept: Int32Array;
  private readonly left: Int32Array[];
  private readonly mask: number;

  /** @param size how many values are kept; a power of two */
  constructor(shapes: Shapes, detectors: readonly number[], size: number) {
    this.groups = shapes.groupsOf(detectors);
    this.kept = new Int32Array(2 * size).fill(-1);
    this.left = new Array<Int32Array>(size).fill(NO_GROUPS);
    this.mask = size - 1;
  }

  /** Calls `choose` with each detector whose shape a value has that was counted. */
  of(counts: Counts, choose: (detector: number) => void): void {
    const left = this.leftOf(counts);
    const { rows, detectors } = this.groups;
    for (let i = 0; i < left.length; i++) {
      const group = left[i]!;
      if (!counts.reach(rows, group * COLUMNS)) continue;
      const chosen = detectors[group]!;
      for (let j = 0; j < chosen.length; j++) choose(chosen[j]!);
    }
  }

  /** The groups that a value may fit, by what is known of it before its runs are measured. */
  private leftOf(counts: Counts): Int32Array {
    const { packed, kindsAndLength } = counts;
    const { kept } = this;
    const at = (Math.imul(packed ^ Math.imul(kindsAndLength, 0x85ebca6b), 0x9e3779b1) >>> 16) & this.mask;
    if (kept[2 * at] === packed && kept[2 * at + 1] === kindsAndLength) return this.left[at]!;
    kept[2 * at] = packed;
    kept[2 * at + 1] = kindsAndLength;
    const { rows, detectors } = this.groups;
    const left: number[] = [];
    for (let group = 0; group < detectors.length; group++) {
      if (counts.mayReach(rows, group * COLUMNS)) left.push(group);
    }
    this.left[at] = left.length === 0 ? NO_GROUPS : Int32Array.from(left);
    return this.left[at]!;
  }
}

function rowOf(least: Shape): number[] {
  const { dots, colons, dashes, capitals, digitRun, upperRun, wordRun } = least;
  const digits = Math.max(least.digits, digitRun);
  const row = new Array<number>(COLUMNS).fill(0);
  row[LENGTH] = Math.min(MAX_COUNTED, Math.max(digits + dots + colons + dashes + capitals, upperRun, wordRun));
  row[KIND_BITS] =
    (digits > 0 ? HAS_DIGIT : 0) |
    (capitals > 0 ? HAS_CAPITAL : 0) |
    (dots > 0 ? HAS_DOT : 0) |
    (colons > 0 ? HAS_COLON : 0) |
    (dashes > 0 ? HAS_DASH : 0);
  row[PACKED] = pack(digits, capitals, dashes);
  row[DOTS] = dots;
  row[COLONS] = colons;
  row[DIGIT_RUN] = digitRun;
  row[UPPER_RUN] = upperRun;
  row[WORD_RUN] = wordRun;
  return row;
}

function pack(digits: number, capitals: number, dashes: number): number {
  return (
    Math.min(digits, MAX_COUNTED) | (Math.min(capitals, MAX_COUNTED) << 10) | (Math.min(dashes, MAX_COUNTED) << 20)
  );
}

/** More than a value that is counted exactly can have of anything. */
const COUNTLESS = 1 << 29;

/**
 * How many characters of a kind a value has, and its longest runs: of digits and of capitals and digits, both with
 * single joiners passed over, and of letters and digits without any. Counts of a value over 511 bytes are countless.
 * What costs much is measured last, when the rest fits.
 */
export class Counts {
  /** Digits, capitals and dashes as in `PACKED_COUNT`. */
  packed = 0;
  /** The bits of `KIND`, and below them how many bytes: 511 where there are more. */
  kindsAndLength = 0;
  private dots = 0;
  private colons = 0;
  private digitRun = 0;
  private upperRun = 0;
  private wordRun = 0;

  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private end = 0;
  private hasRuns = false;
  /** A length that no run of a kind has; runs may be shorter. */
  private noDigitRun = 0;
  private noUpperRun = 0;
  private noWordRun = 0;

  /**
   * @param kinds bits of `KIND` of bytes[start, end)
   * @param packed sum of `PACKED_COUNT` over them
   */
  begin(bytes: Uint8Array, start: number, end: number, kinds: number, packed: number): void {
    const long = end - start > MAX_COUNTED;
    this.packed = long ? pack(MAX_COUNTED, MAX_COUNTED, MAX_COUNTED) : packed;
    this.kindsAndLength = (kinds << LENGTH_SHIFT) | (long ? MAX_COUNTED : end - start);
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.hasRuns = false;
    this.noDigitRun = this.noUpperRun = this.noWordRun = COUNTLESS;
  }

  /** Whether there may be as much as the row at `row` of `Shapes` wants, as far as that is known without measuring runs. */
  mayReach(rows: Int32Array, row: number): boolean {
    const { packed, kindsAndLength } = this;
    if ((kindsAndLength & MAX_COUNTED) < rows[row + LENGTH]!) return false;
    if ((rows[row + KIND_BITS]! & ~(kindsAndLength >>> LENGTH_SHIFT)) !== 0) return false;
    // Where there are not as many digits, capitals or dashes, the subtraction borrows a free bit.
    if ((((packed | FREE_BITS) - rows[row + PACKED]!) & FREE_BITS) !== FREE_BITS) return false;
    return (packed & MAX_COUNTED) + ((packed >>> 10) & MAX_COUNTED) >= rows[row + UPPER_RUN]!;
  }

  /** Whether there is as much as a row wants that `mayReach` has let through. */
  reach(rows: Int32Array, row: number): boolean {
    if (!this.hasRuns) {
      if (!this.mayHoldRuns(rows, row)) return false;
      this.measureRuns();
    }
    return (
      this.digitRun >= rows[row + DIGIT_RUN]! &&
      this.upperRun >= rows[row + UPPER_RUN]! &&
      this.wordRun >= rows[row + WORD_RUN]! &&
      this.dots >= rows[row + DOTS]! &&
      this.colons >= rows[row + COLONS]!
    );
  }

  /** False only where no runs are as long as the row wants, joiners counted. */
  private mayHoldRuns(rows: Int32Array, row: number): boolean {
    const digitRun = rows[row + DIGIT_RUN]!;
    if (digitRun > 0 && (digitRun >= this.noDigitRun || !this.mayHoldRun(DIGIT | JOINER, digitRun))) {
      if (digitRun < this.noDigitRun) this.noDigitRun = digitRun;
      return false;
    }
    const upperRun = rows[row + UPPER_RUN]!;
    if (upperRun > 0 && (upperRun >= this.noUpperRun || !this.mayHoldRun(CAPITAL | DIGIT | JOINER, upperRun))) {
      if (upperRun < this.noUpperRun) this.noUpperRun = upperRun;
      return false;
    }
    const wordRun = rows[row + WORD_RUN]!;
    if (wordRun > 0 && (wordRun >= this.noWordRun || !this.mayHoldRun(WORD, wordRun))) {
      if (wordRun < this.noWordRun) this.noWordRun = wordRun;
      return false;
    }
    return true;
  }

  /** Whether so many characters of some classes follow each other: looks at few bytes, from the end of a run backwards. */
  private mayHoldRun(classes: number, length: number): boolean {
    const { bytes, end } = this;
    let from = this.start;
    while (from + length <= end) {
      let i = from + length - 1;
      while (i >= from && (CLASS[bytes[i]!]! & classes) !== 0) i--;
      if (i < from) return true;
      from = i + 1;
    }
    return false;
  }

  /** Also dots and colons: whatever takes a pass of its own. */
  private measureRuns(): void {
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
    this.dots = long ? COUNTLESS : points & 1023;
    this.colons = long ? COUNTLESS : points >>> 10;
    this.hasRuns = true;
    this.digitRun = digitRun;
    this.upperRun = upperRun;
    this.wordRun = wordRun;
  }
}
