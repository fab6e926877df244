/** Mulberry32 (T. Ettinger): small, seeded, good enough to make data with. */
export class Random {
  constructor(private state: number) {}

  /** Between 0 and 1. */
  next(): number {
    return this.bits() / 4294967296;
  }

  private bits(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  hex(digits: number): string {
    let made = '';
    while (made.length < digits) made += this.bits().toString(16).padStart(8, '0');
    return made.slice(0, digits);
  }

  /** So many characters of an alphabet. */
  text(alphabet: string, length: number): string {
    let made = '';
    while (made.length < length) made += alphabet[this.below(alphabet.length)];
    return made;
  }

  /** A number of so many digits, the first of which is not 0. */
  digits(length: number): string {
    return this.text('123456789', 1) + this.text('0123456789', length - 1);
  }
}
