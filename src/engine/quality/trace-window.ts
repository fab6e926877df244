import { AT_SPAN, AT_TRACE, NUMBERS, WORDS } from '../model/span-facts.js';
import { IdTable } from './id-table.js';

const NONE = -1;
/** Behind the numbers of a span: milliseconds from its end to its receipt. */
export const AT_LAG = NUMBERS;
export const WINDOW_NUMBERS = NUMBERS + 1;

/**
 * The traces that are under way: their spans in one slab of fixed size, chained by trace, and the traces in the order in
 * which they were last added to. A span takes 108 bytes and a trace about 60; nothing else is kept.
 */
export class TraceWindow {
  words: Int32Array;
  numbers: Float64Array;
  private nextSpan: Int32Array;
  private freeSpan = NONE;
  private spanSlots = 0;
  private usedSpans = 0;

  private readonly table = new IdTable();
  private readonly ids: Int32Array;
  private readonly firstSpan: Int32Array;
  private readonly counts: Int32Array;
  private readonly later: Int32Array;
  private readonly earlier: Int32Array;
  private readonly freeTraces: Int32Array;
  private freeTraceCount: number;
  private oldestTrace = NONE;
  private newestTrace = NONE;
  /** By trace: when its first and last span were received, and the earliest time in it. */
  readonly firstReceived: Float64Array;
  readonly lastReceived: Float64Array;
  readonly begin: Float64Array;
  /** By trace: 1 where a span did not fit, or where it goes on after it had ended. */
  readonly broken: Uint8Array;

  constructor(
    private readonly maxTraces: number,
    private readonly maxSpans: number,
  ) {
    const slots = Math.min(maxSpans, 1024);
    this.words = new Int32Array(slots * WORDS);
    this.numbers = new Float64Array(slots * WINDOW_NUMBERS);
    this.nextSpan = new Int32Array(slots);
    this.ids = new Int32Array(maxTraces * 2);
    this.firstSpan = new Int32Array(maxTraces);
    this.counts = new Int32Array(maxTraces);
    this.later = new Int32Array(maxTraces);
    this.earlier = new Int32Array(maxTraces);
    this.freeTraces = Int32Array.from({ length: maxTraces }, (_, i) => maxTraces - 1 - i);
    this.freeTraceCount = maxTraces;
    this.firstReceived = new Float64Array(maxTraces);
    this.lastReceived = new Float64Array(maxTraces);
    this.begin = new Float64Array(maxTraces);
    this.broken = new Uint8Array(maxTraces);
  }

  /** The share of its room that is taken. */
  get fill(): number {
    const spans = this.usedSpans / this.maxSpans;
    const traces = 1 - this.freeTraceCount / this.maxTraces;
    return spans > traces ? spans : traces;
  }

  get hasSpanRoom(): boolean {
    return this.usedSpans < this.maxSpans;
  }

  get hasTraceRoom(): boolean {
    return this.freeTraceCount > 0;
  }

  /** The trace that was added to longest ago, or -1. */
  get oldest(): number {
    return this.oldestTrace;
  }

  /** The trace that was added to next after `trace`, or -1. */
  after(trace: number): number {
    return this.later[trace]!;
  }

  find(a: number, b: number): number {
    return this.table.get(a, b);
  }

  /** Spans of a trace. */
  size(trace: number): number {
    return this.counts[trace]!;
  }

  id(trace: number, word: 0 | 1): number {
    return this.ids[2 * trace + word]!;
  }

  /** Begins a trace; there must be room. */
  open(a: number, b: number, now: number): number {
    const trace = this.freeTraces[--this.freeTraceCount]!;
    this.table.set(a, b, trace);
    this.ids[2 * trace] = a;
    this.ids[2 * trace + 1] = b;
    this.firstSpan[trace] = NONE;
    this.counts[trace] = 0;
    this.firstReceived[trace] = now;
    this.begin[trace] = Number.POSITIVE_INFINITY;
    this.broken[trace] = 0;
    this.append(trace);
    return trace;
  }

  /** Gives the slot of a new span of the trace, for the caller to fill; there must be room. */
  add(trace: number, now: number): number {
    const slot = this.takeSpan();
    this.nextSpan[slot] = this.firstSpan[trace]!;
    this.firstSpan[trace] = slot;
    this.counts[trace]!++;
    this.touch(trace, now);
    return slot;
  }

  /** Notes that the trace was added to. */
  touch(trace: number, now: number): void {
    this.lastReceived[trace] = now;
    if (trace === this.newestTrace) return;
    this.unlink(trace);
    this.append(trace);
  }

  /** Writes the slots of a trace's spans into `slots`, and gives how many there are. */
  spansOf(trace: number, slots: Int32Array): number {
    let n = 0;
    for (let slot = this.firstSpan[trace]!; slot !== NONE; slot = this.nextSpan[slot]!) slots[n++] = slot;
    return n;
  }

  close(trace: number): void {
    for (let slot = this.firstSpan[trace]!; slot !== NONE; ) {
      const next = this.nextSpan[slot]!;
      this.nextSpan[slot] = this.freeSpan;
      this.freeSpan = slot;
      slot = next;
      this.usedSpans--;
    }
    this.table.delete(this.ids[2 * trace]!, this.ids[2 * trace + 1]!);
    this.unlink(trace);
    this.freeTraces[this.freeTraceCount++] = trace;
  }

  private takeSpan(): number {
    this.usedSpans++;
    if (this.freeSpan !== NONE) {
      const slot = this.freeSpan;
      this.freeSpan = this.nextSpan[slot]!;
      return slot;
    }
    if (this.spanSlots === this.nextSpan.length) this.grow();
    return this.spanSlots++;
  }

  private grow(): void {
    const slots = Math.min(this.maxSpans, this.nextSpan.length * 2);
    const words = new Int32Array(slots * WORDS);
    const numbers = new Float64Array(slots * WINDOW_NUMBERS);
    const nextSpan = new Int32Array(slots);
    words.set(this.words);
    numbers.set(this.numbers);
    nextSpan.set(this.nextSpan);
    Object.assign(this, { words, numbers, nextSpan });
  }

  private append(trace: number): void {
    this.earlier[trace] = this.newestTrace;
    this.later[trace] = NONE;
    if (this.newestTrace === NONE) this.oldestTrace = trace;
    else this.later[this.newestTrace] = trace;
    this.newestTrace = trace;
  }

  private unlink(trace: number): void {
    const before = this.earlier[trace]!;
    const after = this.later[trace]!;
    if (before === NONE) this.oldestTrace = after;
    else this.later[before] = after;
    if (after === NONE) this.newestTrace = before;
    else this.earlier[after] = before;
  }
}

/** 64 bits of a trace id, as two words; each follows from the whole id, since in some ids all but a few bits are alike. */
export function traceKeyA(words: Int32Array, at: number): number {
  return mixed(words, at + AT_TRACE, 0x9e3779b1, 0x85ebca6b);
}

export function traceKeyB(words: Int32Array, at: number): number {
  return mixed(words, at + AT_TRACE, 0xc2b2ae35, 0x27d4eb2f);
}

export function hasIds(words: Int32Array, at: number): boolean {
  const trace =
    words[at + AT_TRACE]! | words[at + AT_TRACE + 1]! | words[at + AT_TRACE + 2]! | words[at + AT_TRACE + 3]!;
  return trace !== 0 && (words[at + AT_SPAN]! | words[at + AT_SPAN + 1]!) !== 0;
}

function mixed(words: Int32Array, at: number, a: number, b: number): number {
  let h = Math.imul(words[at]! ^ Math.imul(words[at + 1]!, a), b);
  h = Math.imul(h ^ (h >>> 15) ^ words[at + 2]!, a);
  h = Math.imul(h ^ (h >>> 13) ^ words[at + 3]!, b);
  h = Math.imul(h ^ (h >>> 16), a);
  return h ^ (h >>> 15);
}
