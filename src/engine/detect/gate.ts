import { HAS_OTHER, KIND, PACKED_COUNT } from './shape.js';

/**
 * One pass over a value that tells which detectors have a keyword in it, however many detectors there are, and what
 * characters it is made of. A bit table of the first three characters of all keywords, which stays in the processor's
 * nearest cache, says where a keyword may begin; only there a trie is walked. Blind to ASCII case.
 */
export class Gate {
  /** The kinds of characters in the value that was passed last: bits of `KIND`. */
  kinds = 0;
  /** How many digits, capitals and dashes it has: sum of `PACKED_COUNT`. */
  counts = 0;

  /** By byte: its class (bytes that occur in no keyword share class 0), and the bit of its kind. */
  private readonly classOf = new Int32Array(256);
  /** By the classes of three bytes, a bit: whether a keyword begins with them. */
  private readonly starts = new Int32Array(1 << (3 * CLASS_BITS - 5));
  /** Transitions of the trie by node and class, 0 for none; node 0 is the root. */
  private readonly trie: Int32Array;
  /** By node: the detectors of the keywords that end there. */
  private readonly ends: readonly (readonly number[] | undefined)[];

  /**
   * @param keywords literals by detector
   * @param found called with a detector for each keyword of it in the value
   */
  constructor(
    keywords: readonly (readonly string[])[],
    private readonly found: (detector: number) => void,
  ) {
    const encoder = new TextEncoder();
    const encoded = keywords.map((list) => list.map((keyword) => encoder.encode(keyword.toLowerCase())));
    this.assignClasses(encoded.flat());
    for (const keyword of encoded.flat()) this.markStart(keyword);
    ({ trie: this.trie, ends: this.ends } = this.buildTrie(encoded));
    for (let c = 65; c <= 90; c++) this.classOf[c] = this.classOf[c + 32]!;
    for (let c = 0; c < 256; c++) this.classOf[c]! |= KIND[c]!;
  }

  /** Whether it was all ASCII. */
  get ascii(): boolean {
    return (this.kinds & HAS_OTHER) === 0;
  }

  pass(bytes: Uint8Array, start: number, end: number): void {
    const { classOf, starts } = this;
    let three = 0;
    let kinds = 0;
    let counts = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      const c = classOf[byte]!;
      counts += PACKED_COUNT[byte]!;
      kinds |= c;
      three = ((three << CLASS_BITS) | (c & CLASS_MASK)) & THREE_MASK;
      if ((starts[three >>> 5]! & (1 << (three & 31))) !== 0) this.walk(bytes, i - 2, end);
    }
    // A keyword of one or two characters may be the last one.
    for (let i = end; i < end + 2; i++) {
      three = (three << CLASS_BITS) & THREE_MASK;
      if ((starts[three >>> 5]! & (1 << (three & 31))) !== 0) this.walk(bytes, i - 2, end);
    }
    this.kinds = kinds & ~CLASS_MASK;
    this.counts = counts;
  }

  private walk(bytes: Uint8Array, start: number, end: number): void {
    let node = 0;
    for (let i = start; i < end; i++) {
      node = this.trie[(node << CLASS_BITS) | (this.classOf[bytes[i]!]! & CLASS_MASK)]!;
      if (node === 0) return;
      const ended = this.ends[node];
      if (ended !== undefined) for (const detector of ended) this.found(detector);
    }
  }

  /** Where there are more bytes than classes the rarest share the last one: a gate may let through more, never less. */
  private assignClasses(keywords: readonly Uint8Array[]): void {
    const uses = new Map<number, number>();
    for (const keyword of keywords) for (const byte of keyword) uses.set(byte, (uses.get(byte) ?? 0) + 1);
    const byUse = [...uses].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    for (const [rank, [byte]] of byUse.entries()) this.classOf[byte] = Math.min(rank + 1, CLASS_MASK);
  }

  /** What follows a keyword of one or two characters may be anything, and the end counts as class 0. */
  private markStart(keyword: Uint8Array): void {
    const classes = [...keyword.subarray(0, 3)].map((byte) => this.classOf[byte]!);
    const free = CLASS_BITS * (3 - classes.length);
    const first = classes.reduce((three, c) => (three << CLASS_BITS) | c, 0) << free;
    for (let three = first; three < first + (1 << free); three++) this.starts[three >>> 5]! |= 1 << (three & 31);
  }

  private buildTrie(keywords: readonly (readonly Uint8Array[])[]) {
    const trie: number[] = new Array<number>(CLASS_MASK + 1).fill(0);
    const ends: number[][] = [];
    for (const [detector, list] of keywords.entries()) {
      for (const keyword of list) {
        let node = 0;
        for (const byte of keyword) {
          const at = (node << CLASS_BITS) | this.classOf[byte]!;
          if (trie[at] === 0) {
            trie[at] = trie.length >> CLASS_BITS;
            trie.push(...new Array<number>(CLASS_MASK + 1).fill(0));
          }
          node = trie[at]!;
        }
        (ends[node] ??= []).push(detector);
      }
    }
    return { trie: Int32Array.from(trie), ends: Array.from(ends) };
  }
}

const CLASS_BITS = 6;
const CLASS_MASK = (1 << CLASS_BITS) - 1;
const THREE_MASK = (1 << (3 * CLASS_BITS)) - 1;
