import { ANY_SHAPE, COUNTS, MAX_COUNTED } from './shape.js';

/**
 * One pass over a value that tells which detectors have a keyword in it, however many detectors there are, and what
 * characters it is made of. A small table of the first two characters of all keywords, which stays in the processor's
 * nearest cache, says where a keyword may begin; only there a trie is walked. Blind to ASCII case.
 */
export class Gate {
  /** Counters of the value that was passed last, for `fits`. */
  counts = 0;
  capitals = 0;
  /** Whether it was all ASCII. */
  ascii = true;

  /** By byte: its class (bytes that occur in no keyword share class 0), and 2^16 more where it is a capital. */
  private readonly classOf = new Int32Array(256);
  /** By the classes of two bytes: whether a keyword begins with them. */
  private readonly starts = new Uint8Array(1 << (2 * CLASS_BITS));
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
    for (let c = 65; c <= 90; c++) this.classOf[c] = this.classOf[c + 32]! | CAPITAL;
  }

  pass(bytes: Uint8Array, start: number, end: number): void {
    const { classOf, starts } = this;
    let counts = 0;
    let capitals = 0;
    let pair = 0;
    let all = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      const c = classOf[byte]!;
      all |= byte;
      counts += COUNTS[byte]!;
      capitals += c;
      pair = ((pair << CLASS_BITS) | (c & CLASS_MASK)) & PAIR_MASK;
      if (starts[pair] === 1) this.walk(bytes, i - 1, end);
    }
    if (starts[(pair << CLASS_BITS) & PAIR_MASK] === 1) this.walk(bytes, end - 1, end);
    this.counts = counts;
    this.ascii = all < 128;
    this.capitals = end - start > MAX_COUNTED ? ANY_SHAPE : capitals >>> 16;
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

  private assignClasses(keywords: readonly Uint8Array[]): void {
    let count = 1;
    for (const keyword of keywords) {
      for (const byte of keyword) if (this.classOf[byte] === 0) this.classOf[byte] = count++;
    }
    if (count > CLASS_MASK) throw new Error(`gate: keywords of more than ${CLASS_MASK} different characters`);
  }

  /** A keyword of one character may be followed by anything, and by the end, which counts as class 0. */
  private markStart(keyword: Uint8Array): void {
    const first = this.classOf[keyword[0]!]! << CLASS_BITS;
    if (keyword.length > 1) this.starts[first | this.classOf[keyword[1]!]!] = 1;
    else this.starts.fill(1, first, first + CLASS_MASK + 1);
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
const PAIR_MASK = (1 << (2 * CLASS_BITS)) - 1;
const CAPITAL = 1 << 16;
