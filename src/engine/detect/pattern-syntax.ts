/** Bytes: those of ASCII one by one, and all others together, which begin and continue the characters beyond it. */
export class CharacterSet {
  static readonly BEYOND_ASCII = new CharacterSet(new Uint8Array(129).fill(1, 128));

  private constructor(private readonly holds: Uint8Array) {}

  static of(...ranges: readonly (readonly [number, number])[]): CharacterSet {
    const holds = new Uint8Array(129);
    for (const [from, to] of ranges) holds.fill(1, Math.min(from, 128), Math.min(to, 128) + 1);
    return new CharacterSet(holds);
  }

  has(byte: number): boolean {
    return this.holds[Math.min(byte, 128)] === 1;
  }

  with(other: CharacterSet): CharacterSet {
    return new CharacterSet(this.holds.map((holds, byte) => holds | other.holds[byte]!));
  }

  /** All that is not in it; of the characters beyond ASCII there are always others. */
  inverted(): CharacterSet {
    return new CharacterSet(this.holds.map((holds, byte) => (byte === 128 ? 1 : 1 - holds)));
  }

  /** With both cases of each letter; `k` and `s` have a third beyond ASCII (U+212A, U+017F). */
  anyCase(): CharacterSet {
    const holds = this.holds.slice();
    for (let small = 97; small <= 122; small++) {
      const either = holds[small]! | holds[small - 32]!;
      holds[small] = holds[small - 32] = either;
      if (small === 107 || small === 115) holds[128]! |= either;
    }
    // A character beyond ASCII may have a letter of ASCII for its other case.
    if (this.holds[128] === 1) for (const c of [75, 83, 107, 115]) holds[c] = 1;
    return new CharacterSet(holds);
  }
}

/** A pattern as far as it says which characters follow each other; `most` of a repetition may be infinite. */
export type Expression =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence' | 'choice'; readonly items: readonly Expression[] }
  | { readonly kind: 'repeat'; readonly item: Expression; readonly least: number; readonly most: number };

const NOTHING: Expression = { kind: 'sequence', items: [] };
const ANY = CharacterSet.of([0, 128]);
const LINE = CharacterSet.of([10, 10]).inverted();
const DIGIT = CharacterSet.of([48, 57]);
const SPACE = CharacterSet.of([9, 10], [12, 13], [32, 32]);
const WORD = CharacterSet.of([48, 57], [65, 90], [95, 95], [97, 122]);
const CLASSES: Readonly<Record<string, CharacterSet>> = {
  ...{ d: DIGIT, s: SPACE, w: WORD },
  ...{ D: DIGIT.inverted(), S: SPACE.inverted(), W: WORD.inverted() },
};
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/**
 * Reads a pattern of RE2 (https://github.com/google/re2/wiki/Syntax) that is known to be valid, without its assertions
 * and groups; null where it uses syntax that no rule has needed so far (`\p{…}`, `[[:alpha:]]`, `\Q…\E`).
 */
export function readPattern(source: string): Expression | null {
  try {
    return new Reader(source).pattern();
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

class Unreadable extends Error {}

class Reader {
  private at = 0;
  private anyCase = false;
  private dotAll = false;

  constructor(private readonly source: string) {}

  pattern(): Expression {
    const expression = this.choice();
    if (this.at < this.source.length) throw new Unreadable();
    return expression;
  }

  private choice(): Expression {
    const items = [this.sequence()];
    while (this.take('|')) items.push(this.sequence());
    return items.length === 1 ? items[0]! : { kind: 'choice', items };
  }

  private sequence(): Expression {
    const items: Expression[] = [];
    while (this.at < this.source.length && !'|)'.includes(this.source[this.at]!)) items.push(this.repeated());
    return { kind: 'sequence', items };
  }

  private repeated(): Expression {
    let item = this.atom();
    for (let count = this.count(); count !== null; count = this.count()) {
      this.take('?');
      item = { kind: 'repeat', item, ...count };
    }
    return item;
  }

  private count(): { least: number; most: number } | null {
    if (this.take('*')) return { least: 0, most: Number.POSITIVE_INFINITY };
    if (this.take('+')) return { least: 1, most: Number.POSITIVE_INFINITY };
    if (this.take('?')) return { least: 0, most: 1 };
    const bounds = /^\{(\d+)(,?)(\d*)\}/.exec(this.source.slice(this.at, this.at + 12));
    if (bounds === null) return null;
    this.at += bounds[0].length;
    const least = Number(bounds[1]);
    if (bounds[2] === '') return { least, most: least };
    return { least, most: bounds[3] === '' ? Number.POSITIVE_INFINITY : Number(bounds[3]) };
  }

  private atom(): Expression {
    const c = this.character();
    if (c === '(') return this.group();
    if (c === '[') return this.set(this.bracket());
    if (c === '.') return this.set(this.dotAll ? ANY : LINE);
    if (c === '^' || c === '$') return NOTHING;
    if (c !== '\\') return this.set(only(c));
    const next = this.source[this.at]!;
    if ('bBAz'.includes(next)) {
      this.at++;
      return NOTHING;
    }
    return this.set(this.escaped());
  }

  private group(): Expression {
    const before = [this.anyCase, this.dotAll] as const;
    if (this.take('?')) {
      const head = /^(?:P?<\w+>|([a-zA-Z]*)(?:-([a-zA-Z]+))?([:)]))/.exec(this.source.slice(this.at));
      if (head === null) throw new Unreadable();
      this.at += head[0].length;
      this.setFlags(head[1] ?? '', true);
      this.setFlags(head[2] ?? '', false);
      // Flags alone hold until the group around them ends.
      if (head[3] === ')') return NOTHING;
    }
    const inner = this.choice();
    if (!this.take(')')) throw new Unreadable();
    [this.anyCase, this.dotAll] = before;
    return inner;
  }

  private setFlags(flags: string, on: boolean): void {
    for (const flag of flags) {
      if (flag === 'i') this.anyCase = on;
      else if (flag === 's') this.dotAll = on;
      else if (flag !== 'm' && flag !== 'U') throw new Unreadable();
    }
  }

  private bracket(): CharacterSet {
    const inverted = this.take('^');
    let set = CharacterSet.of();
    for (let first = true; first || this.source[this.at] !== ']'; first = false) {
      if (this.source.startsWith('[:', this.at)) throw new Unreadable();
      const from = this.member();
      const isRange = this.source[this.at] === '-' && this.source[this.at + 1] !== ']';
      if (isRange) this.at++;
      set = set.with(isRange ? range(from, this.member()) : from);
    }
    this.at++;
    const folded = this.anyCase ? set.anyCase() : set;
    return inverted ? folded.inverted() : folded;
  }

  private member(): CharacterSet {
    const c = this.character();
    return c === '\\' ? this.escaped() : only(c);
  }

  private escaped(): CharacterSet {
    const c = this.character();
    if (CLASSES[c] !== undefined) return CLASSES[c];
    if (CONTROLS[c] !== undefined) return CharacterSet.of([CONTROLS[c], CONTROLS[c]]);
    if (c === 'x') {
      const hex = /^(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]+)\})/.exec(this.source.slice(this.at, this.at + 10));
      if (hex === null) throw new Unreadable();
      this.at += hex[0].length;
      const code = Number.parseInt(hex[1] ?? hex[2]!, 16);
      return CharacterSet.of([code, code]);
    }
    if (/[A-Za-z0-9]/.test(c)) throw new Unreadable();
    return only(c);
  }

  private set(set: CharacterSet): Expression {
    return { kind: 'set', set: this.anyCase ? set.anyCase() : set };
  }

  private character(): string {
    const c = String.fromCodePoint(this.source.codePointAt(this.at)!);
    this.at += c.length;
    return c;
  }

  private take(c: string): boolean {
    if (this.source[this.at] !== c) return false;
    this.at++;
    return true;
  }
}

function only(c: string): CharacterSet {
  const code = c.codePointAt(0)!;
  return CharacterSet.of([code, code]);
}

/** From the only character of one set to that of another. */
function range(from: CharacterSet, to: CharacterSet): CharacterSet {
  return CharacterSet.of([lowest(from), lowest(to)]);
}

function lowest(set: CharacterSet): number {
  let code = 0;
  while (!set.has(code)) code++;
  return code;
}
