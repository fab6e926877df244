/**
 * Remembers what a record was found to be, in a fixed amount of memory: a cache of pairs of entries, each pair one line
 * of the processor's cache, where a new entry takes the place of the older of its pair. Entries are found by 64-bit
 * hashes with a secret seed; there is nothing of a value in them.
 */
export class ValueMemo {
  private readonly table: Int32Array;
  private readonly mask: number;

  /** @param slots how many entries, a power of two; the memo takes 32 bytes a slot */
  constructor(slots: number) {
    this.mask = slots / 2 - 1;
    this.table = new Int32Array(slots * WORDS + 2 * WORDS);
  }

  /** The slot of a hash, two signed words of which the second is not 0; -1 where it is not known. */
  find(h1: number, h2: number): number {
    const { table } = this;
    const at = FIRST + (h1 & this.mask) * (2 * WORDS);
    if (table[at] === h1 && table[at + 1] === h2) return at;
    if (table[at + WORDS] === h1 && table[at + WORDS + 1] === h2) return at + WORDS;
    return -1;
  }

  /** The slots of so many hashes, one right after the other: the processor then waits for their entries together. */
  findAll(h1: Int32Array, h2: Int32Array, size: number, slots: Int32Array): void {
    for (let i = 0; i < size; i++) slots[i] = this.find(h1[i]!, h2[i]!);
  }

  /** Whether a slot holds the entry of a hash. */
  isAt(slot: number, h1: number, h2: number): boolean {
    return this.table[slot] === h1 && this.table[slot + 1] === h2;
  }

  /**
   * @param subject what the record is, 32 bits that mean something to the caller
   * @param verdict 0 where nothing was found in it
   * @param keyedHash the hash that sketches take, 53 bits
   * @returns the slot
   */
  add(h1: number, h2: number, subject: number, verdict: number, keyedHash: number): number {
    const { table } = this;
    const at = FIRST + (h1 & this.mask) * (2 * WORDS);
    for (let i = 0; i < WORDS; i++) table[at + WORDS + i] = table[at + i]!;
    table[at] = h1;
    table[at + 1] = h2;
    table[at + 2] = subject;
    table[at + 3] = 0;
    table[at + 4] = verdict;
    table[at + 5] = keyedHash / 4294967296;
    table[at + 6] = keyedHash | 0;
    return at;
  }

  /** The second word of the hash in a slot: tells whether the slot still holds the entry it was found for. */
  check(slot: number): number {
    return this.table[slot + 1]!;
  }

  subject(slot: number): number {
    return this.table[slot + 2]!;
  }

  verdict(slot: number): number {
    return this.table[slot + 4]!;
  }

  /** The keyed hash in two words: its upper 21 bits, and the lower 32, signed. */
  upperHash(slot: number): number {
    return this.table[slot + 5]!;
  }

  lowerHash(slot: number): number {
    return this.table[slot + 6]!;
  }

  /** Notes that a row counts the value; says whether that row was not the last one to do so. */
  countIn(slot: number, row: number): boolean {
    if (this.table[slot + 3] === row) return false;
    this.table[slot + 3] = row;
    return true;
  }

  /** Forgets everything, as when subjects and verdicts change their meaning. */
  clear(): void {
    this.table.fill(0);
  }
}

/** An entry: hash (2 words), subject, row that counted it last, verdict, keyed hash (2 words), unused. */
const WORDS = 8;
/** Large blocks of memory begin 16 bytes behind a line of the cache (glibc's header), so the first pair stands at the next. */
const FIRST = 12;
