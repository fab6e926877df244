import { CharacterSet, type Expression, readPattern } from './pattern-syntax.js';

/** States beyond which an automaton gives up: it then lets every value through. */
const MAX_STATES = 1024;
const MAX_NODES = 4000;
/** Counts above this are as good as it for telling that a value has no match. */
const MAX_COUNT = 96;

/**
 * Says that a pattern matches nowhere in a value, without asking the library of regular expressions: a call out of
 * JavaScript costs as much as looking at a thousand characters. A deterministic automaton over bytes that is built while
 * it is used (Thompson's construction and lazy subset construction, as in R. Cox, "Regular Expression Matching Can Be
 * Simple And Fast", 2007). It reads the pattern generously: assertions always hold, an upper bound of a repetition is
 * none, all characters beyond ASCII are alike. So it may let a value through that has no match, never the other way.
 */
export class Automaton {
  /** By byte, the number of its class: bytes of a class are in the same sets. */
  private readonly classOf = new Uint8Array(256);
  private readonly shift: number;
  /** By node and class: whether the node reads bytes of the class. */
  private readonly reads: Uint8Array;
  /** By node that reads a byte: the nodes that read the next one, or the final node; found out when asked for. */
  private readonly followers: (readonly number[] | undefined)[] = [];
  private readonly start: readonly number[];
  /** By state and class: the next state; 0 where that is not known yet. */
  private table: Int32Array;
  /** By state: its nodes, in order. */
  private readonly states: (readonly number[])[] = [[], []];
  private readonly numbers = new Map<string, number>();
  /** By node: the last transition that reached it. */
  private readonly reached: Int32Array;
  private transitions = 0;
  private gaveUp = false;

  /** The automaton of a pattern that is valid RE2; null where its syntax is beyond this reader, or it is too large. */
  static of(source: string): Automaton | null {
    const expression = readPattern(source);
    if (expression === null) return null;
    const nodes = new Nodes();
    const final = nodes.add(null);
    const start = nodes.build(expression, final);
    return nodes.sets.length > MAX_NODES ? null : new Automaton(nodes, start, final);
  }

  private constructor(
    private readonly nodes: Nodes,
    start: number,
    private readonly final: number,
  ) {
    const sets = [...new Set(nodes.sets.filter((set) => set !== null))];
    const classes = this.classify(sets);
    this.shift = 32 - Math.clz32(classes.length - 1);
    this.reads = new Uint8Array(nodes.sets.length << this.shift);
    for (const [node, set] of nodes.sets.entries()) {
      for (const [i, byte] of classes.entries()) if (set?.has(byte)) this.reads[(node << this.shift) | i] = 1;
    }
    this.table = new Int32Array(16 << this.shift);
    this.reached = new Int32Array(nodes.sets.length);
    this.start = nodes.readersFrom([start], final);
    this.numberOf(this.start);
  }

  /** False only where the pattern matches nowhere in bytes[start, end). */
  mayMatch(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.gaveUp) return true;
    const { classOf, shift } = this;
    let { table } = this;
    let state = FIRST;
    for (let i = start; i < end; i++) {
      const at = (state << shift) | classOf[bytes[i]!]!;
      const next = table[at]!;
      if (next > MATCHED) {
        state = next;
        continue;
      }
      state = next !== 0 ? next : this.step(state, at);
      if (state === MATCHED) return true;
      table = this.table;
    }
    return false;
  }

  /** Works out a transition that is asked for for the first time. */
  private step(state: number, at: number): number {
    const { shift, reads, reached } = this;
    const byClass = at & ((1 << shift) - 1);
    const transition = ++this.transitions;
    // A match may begin anywhere, so the start is always among what is reached.
    const nodes = [...this.start];
    for (const node of nodes) reached[node] = transition;
    for (const node of this.states[state]!) {
      if (reads[(node << shift) | byClass] === 0) continue;
      for (const follower of this.followersOf(node)) {
        if (reached[follower] === transition) continue;
        reached[follower] = transition;
        nodes.push(follower);
      }
    }
    const number = reached[this.final] === transition ? MATCHED : this.numberOf(nodes.sort((a, b) => a - b));
    this.table[at] = number;
    return number;
  }

  private followersOf(node: number): readonly number[] {
    this.followers[node] ??= this.nodes.readersFrom(this.nodes.next[node]!, this.final);
    return this.followers[node];
  }

  private numberOf(nodes: readonly number[]): number {
    const name = String.fromCharCode(...nodes);
    const known = this.numbers.get(name);
    if (known !== undefined) return known;
    if (nodes.includes(this.final) || this.states.length > MAX_STATES) {
      this.gaveUp = true;
      return MATCHED;
    }
    const number = this.states.push(nodes) - 1;
    this.numbers.set(name, number);
    if ((number + 1) << this.shift > this.table.length) {
      const larger = new Int32Array(this.table.length * 2);
      larger.set(this.table);
      this.table = larger;
    }
    return number;
  }

  /** Numbers the classes, by splitting them at each set; gives a byte of each. */
  private classify(sets: readonly CharacterSet[]): number[] {
    const { classOf } = this;
    let count = 1;
    for (const set of sets) {
      const split = new Map<number, number>();
      for (let byte = 0; byte < 256; byte++) {
        const name = classOf[byte]! * 2 + (set.has(byte) ? 1 : 0);
        if (!split.has(name)) split.set(name, split.size);
        classOf[byte] = split.get(name)!;
      }
      count = split.size;
    }
    return Array.from({ length: count }, (_, i) => classOf.indexOf(i));
  }
}

const MATCHED = 1;
const FIRST = 2;

/** Nodes of the automaton of Thompson: with a set they read a byte of it, without one they read nothing. */
class Nodes {
  readonly sets: (CharacterSet | null)[] = [];
  readonly next: number[][] = [];

  add(set: CharacterSet | null, ...next: number[]): number {
    this.next.push(next);
    return this.sets.push(set) - 1;
  }

  /** Adds an expression that goes on to node `to`; gives where it begins. */
  build(expression: Expression, to: number): number {
    if (this.sets.length > MAX_NODES) return to;
    switch (expression.kind) {
      case 'set':
        return this.buildSet(expression.set, to);
      case 'sequence':
        return expression.items.reduceRight((next, item) => this.build(item, next), to);
      case 'choice':
        return this.add(null, ...expression.items.map((item) => this.build(item, to)));
      case 'repeat':
        return this.buildRepeat(expression.item, expression.least, expression.most, to);
    }
  }

  /** The nodes that read a byte, and `final`, that are reached from these without reading any; in order. */
  readersFrom(from: readonly number[], final: number): readonly number[] {
    const seen = new Set<number>();
    const open = [...from];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (seen.has(node)) continue;
      seen.add(node);
      if (this.sets[node] === null) open.push(...this.next[node]!);
    }
    return [...seen].filter((node) => this.sets[node] !== null || node === final).sort((a, b) => a - b);
  }

  /** A character beyond ASCII is one or more bytes that are. */
  private buildSet(set: CharacterSet, to: number): number {
    if (!set.has(128)) return this.add(set, to);
    const rest = this.add(CharacterSet.BEYOND_ASCII);
    this.next[rest]!.push(rest, to);
    return this.add(set, rest, to);
  }

  private buildRepeat(item: Expression, least: number, most: number, to: number): number {
    let at = to;
    if (most > 1) {
      const loop = this.add(null, to);
      this.next[loop]!.push(this.build(item, loop));
      at = loop;
    } else if (most > least) at = this.add(null, this.build(item, to), to);
    for (let i = 0; i < Math.min(least, MAX_COUNT); i++) at = this.build(item, at);
    return at;
  }
}
