import { HAS_OTHER, KIND, PACKED_COUNT } from './shape.js';

/**
 * One pass over a value that tells which detectors have a keyword in it, however many detectors there are, and what
 * characters it is made of. Two bit tables of the first three and of the first four characters of all keywords, which
 * stay in the processor's nearest cache, say where a keyword may begin; only there a trie is walked. Blind to ASCII case.
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
  /** By a hash of the classes of four bytes, a bit: whether a keyword of three bytes or more begins with them. */
  private readonly fourStarts = new Int32Array(1 << (FOUR_BITS - 5));
  /** By the classes of two bytes: 1 where they are a keyword, or the first of them is one. */
  private readonly shortStarts = new Uint8Array(1 << (2 * CLASS_BITS));
  /**
   * The trie, small enough to stay near, too: most nodes have one child. By node: that child and its class, 0 where it
   * has none, or the complement of its row in `branches` where it has several. Node 0 is the root.
   */
  private readonly edges: Int32Array;
  /** By row and class: the child, 0 for none. */
  private readonly branches: Int32Array;
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
    const { children, ends } = this.buildTrie(encoded);
    this.ends = ends;
    ({ edges: this.edges, branches: this.branches } = packed(children));
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
      if ((starts[three >>> 5]! & (1 << (three & 31))) !== 0 && this.mayGoOn(three, i + 1 < end ? bytes[i + 1]! : 0)) {
        this.walk(bytes, i - 2, end);
      }
    }
    // A keyword of one or two characters may be the last one.
    for (let i = end; i < end + 2; i++) {
      three = (three << CLASS_BITS) & THREE_MASK;
      if ((starts[three >>> 5]! & (1 << (three & 31))) !== 0) this.walk(bytes, i - 2, end);
    }
    this.kinds = kinds & ~CLASS_MASK;
    this.counts = counts;
  }

  /** Whether three bytes with which a keyword begins may be followed by that one. */
  private mayGoOn(three: number, next: number): boolean {
    if (this.shortStarts[three >>> CLASS_BITS] === 1) return true;
    const four = hashOfFour((three << CLASS_BITS) | (this.classOf[next]! & CLASS_MASK));
    return (this.fourStarts[four >>> 5]! & (1 << (four & 31))) !== 0;
  }

  private walk(bytes: Uint8Array, start: number, end: number): void {
    const { classOf, edges, branches } = this;
    let node = 0;
    for (let i = start; i < end; i++) {
      const c = classOf[bytes[i]!]! & CLASS_MASK;
      const edge = edges[node]!;
      if (edge < 0) node = branches[(~edge << CLASS_BITS) | c]!;
      else node = (edge & CLASS_MASK) === c ? edge >>> CLASS_BITS : 0;
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

  /** What follows a keyword shorter than a table is wide may be anything, and the end counts as class 0. */
  private markStart(keyword: Uint8Array): void {
    const classes = [...keyword].map((byte) => this.classOf[byte]!);
    for (const three of beginnings(classes, 3)) this.starts[three >>> 5]! |= 1 << (three & 31);
    if (classes.length < 3) for (const two of beginnings(classes, 2)) this.shortStarts[two] = 1;
    else {
      for (const four of beginnings(classes, 4)) {
        const hash = hashOfFour(four);
        this.fourStarts[hash >>> 5]! |= 1 << (hash & 31);
      }
    }
  }

  private buildTrie(keywords: readonly (readonly Uint8Array[])[]) {
    const children: Map<number, number>[] = [new Map()];
    const ends: number[][] = [];
    for (const [detector, list] of keywords.entries()) {
      for (const keyword of list) {
        let node = 0;
        for (const byte of keyword) {
          const c = this.classOf[byte]!;
          let child = children[node]!.get(c);
          if (child === undefined) {
            child = children.push(new Map()) - 1;
            children[node]!.set(c, child);
          }
          node = child;
        }
        (ends[node] ??= []).push(detector);
      }
    }
    return { children, ends: Array.from(ends) };
  }
}

/** All sequences of so many classes, packed, that begin like a keyword, or with one that is shorter. */
function* beginnings(classes: readonly number[], width: number): Generator<number> {
  const free = CLASS_BITS * Math.max(0, width - classes.length);
  const first = classes.slice(0, width).reduce((packed, c) => (packed << CLASS_BITS) | c, 0) << free;
  for (let packed = first; packed < first + (1 << free); packed++) yield packed;
}

/** Multiplicative hash (Knuth, The Art of Computer Programming, vol. 3, §6.4). */
function hashOfFour(four: number): number {
  return Math.imul(four, 0x9e3779b1) >>> (32 - FOUR_BITS);
}

/** @param children by node of a trie: its children by class */
function packed(children: readonly ReadonlyMap<number, number>[]) {
  const rows = children.flatMap((of, node) => (of.size > 1 ? [node] : []));
  const branches = new Int32Array(rows.length << CLASS_BITS);
  for (const [row, node] of rows.entries()) {
    for (const [c, child] of children[node]!) branches[(row << CLASS_BITS) | c] = child;
  }
  const rowOf = new Map(rows.map((node, row) => [node, row]));
  const edges = Int32Array.from(children, (of, node) => {
    const row = rowOf.get(node);
    if (row !== undefined) return ~row;
    const [only] = of;
    return only === undefined ? 0 : (only[1] << CLASS_BITS) | only[0];
  });
  return { edges, branches };
}

const CLASS_BITS = 6;
const FOUR_BITS = 17;
const CLASS_MASK = (1 << CLASS_BITS) - 1;
const THREE_MASK = (1 << (3 * CLASS_BITS)) - 1;
