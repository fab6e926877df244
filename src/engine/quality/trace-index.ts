import {
  AT_DIGEST,
  AT_FLAGS,
  AT_PARENT,
  AT_SPAN,
  KIND_CLIENT,
  KIND_MASK,
  KIND_SERVER,
  WORDS,
} from '../model/span-facts.js';
import { AT_LAG, type TraceWindow, WINDOW_NUMBERS } from './trace-window.js';

export const ROOT = -1;
export const MISSING = -2;
const NONE = -1;

/**
 * The spans of one trace by their ids: which is whose parent, and which came twice. Used again for every trace. Spans
 * are numbered from 0 in the order of their slots; what is found does not depend on that order.
 */
export class TraceIndex {
  /** Slots of the spans in the window. */
  readonly slots: Int32Array;
  size = 0;
  /** 1 where the span is another delivery of one that is there. */
  readonly isRetry: Uint8Array;
  /** Number of the parent, `ROOT` or `MISSING`. */
  readonly parents: Int32Array;
  private readonly table: Int32Array;
  private mask = 0;
  /** Spans under the same id, chained. */
  private readonly next: Int32Array;

  constructor(
    private readonly window: TraceWindow,
    maxSpans: number,
  ) {
    this.slots = new Int32Array(maxSpans);
    this.isRetry = new Uint8Array(maxSpans);
    this.parents = new Int32Array(maxSpans);
    this.next = new Int32Array(maxSpans);
    this.table = new Int32Array(tableSize(maxSpans));
  }

  read(trace: number): void {
    this.size = this.window.spansOf(trace, this.slots);
    this.mask = tableSize(this.size) - 1;
    this.table.fill(0, 0, this.mask + 1);
    for (let i = 0; i < this.size; i++) this.insert(i);
    for (let i = 0; i < this.size; i++) this.parents[i] = this.isRetry[i] === 1 ? ROOT : this.parentOf(i);
  }

  word(i: number, at: number): number {
    return this.window.words[this.slots[i]! * WORDS + at]!;
  }

  number(i: number, at: number): number {
    return this.window.numbers[this.slots[i]! * WINDOW_NUMBERS + at]!;
  }

  kind(i: number): number {
    return this.word(i, AT_FLAGS) & KIND_MASK;
  }

  /** The CLIENT span that shares its id with this SERVER span, as Zipkin's instrumentation has it; or -1. */
  clientHalf(i: number): number {
    if (this.kind(i) !== KIND_SERVER) return NONE;
    return this.among(this.find(this.word(i, AT_SPAN), this.word(i, AT_SPAN + 1)), KIND_CLIENT);
  }

  /** Whether other spans than the two sides of one call have this span's id. */
  collides(i: number): boolean {
    const head = this.find(this.word(i, AT_SPAN), this.word(i, AT_SPAN + 1));
    let spans = 0;
    for (let j = head; j !== NONE; j = this.next[j]!) spans++;
    const isPair = this.among(head, KIND_CLIENT) !== NONE && this.among(head, KIND_SERVER) !== NONE;
    return spans > (isPair ? 2 : 1);
  }

  private insert(i: number): void {
    const a = this.word(i, AT_SPAN);
    const b = this.word(i, AT_SPAN + 1);
    this.isRetry[i] = 0;
    this.next[i] = NONE;
    let slot = home(a, b) & this.mask;
    for (; this.table[slot] !== 0; slot = (slot + 1) & this.mask) {
      const head = this.table[slot]! - 1;
      if (this.word(head, AT_SPAN) !== a || this.word(head, AT_SPAN + 1) !== b) continue;
      this.append(head, i);
      return;
    }
    this.table[slot] = i + 1;
  }

  /** Of two deliveries the one that came first counts. */
  private append(head: number, i: number): void {
    const { numbers } = this.window;
    for (let j = head; ; j = this.next[j]!) {
      if (this.word(j, AT_DIGEST) === this.word(i, AT_DIGEST)) {
        const kept = this.slots[j]! * WINDOW_NUMBERS + AT_LAG;
        numbers[kept] = Math.min(numbers[kept]!, this.number(i, AT_LAG));
        this.isRetry[i] = 1;
        return;
      }
      if (this.next[j] !== NONE) continue;
      this.next[j] = i;
      return;
    }
  }

  private find(a: number, b: number): number {
    for (let slot = home(a, b) & this.mask; this.table[slot] !== 0; slot = (slot + 1) & this.mask) {
      const head = this.table[slot]! - 1;
      if (this.word(head, AT_SPAN) === a && this.word(head, AT_SPAN + 1) === b) return head;
    }
    return NONE;
  }

  /** The first span of a kind in a chain, by digest; or -1. */
  private among(head: number, kind: number): number {
    let found = NONE;
    for (let j = head; j !== NONE; j = this.next[j]!) {
      if (this.kind(j) !== kind) continue;
      if (found === NONE || this.word(j, AT_DIGEST) < this.word(found, AT_DIGEST)) found = j;
    }
    return found;
  }

  private parentOf(i: number): number {
    const client = this.clientHalf(i);
    if (client !== NONE) return client;
    const a = this.word(i, AT_PARENT);
    const b = this.word(i, AT_PARENT + 1);
    if ((a | b) === 0) return ROOT;
    const head = this.find(a, b);
    if (head === NONE) return MISSING;
    const server = this.next[head] === NONE ? NONE : this.among(head, KIND_SERVER);
    const parent = server === NONE ? head : server;
    return parent === i ? MISSING : parent;
  }
}

function tableSize(spans: number): number {
  let size = 4;
  while (size < spans * 2) size *= 2;
  return size;
}

function home(a: number, b: number): number {
  const hash = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35);
  return hash ^ (hash >>> 15);
}
