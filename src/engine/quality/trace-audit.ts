import type { ServiceCounts } from '../model/quality.js';
import type { Hour } from '../model/rollup.js';
import {
  AT_END,
  AT_FLAGS,
  AT_HOST,
  AT_KEPT,
  AT_OPERATION,
  AT_PEER,
  AT_RESOURCE,
  AT_SCOPE,
  AT_SIZE,
  AT_SPAN,
  AT_START,
  AT_THRESHOLD,
  COLD_START,
  FROM_BROWSER,
  HAS_BAGGAGE,
  HAS_ERROR_TYPE,
  HAS_PROFILE,
  HTTP_5XX,
  KIND_CLIENT,
  KIND_CONSUMER,
  KIND_INTERNAL,
  KIND_MASK,
  KIND_PRODUCER,
  KIND_SERVER,
  PEER_BY_NAME,
  REMOTE_PARENT,
  STATUS_MASK,
  STATUS_SHIFT,
  WARM_START,
} from '../model/span-facts.js';
import { clockSkew } from './clock-skew.js';
import type { KnownServices } from './known-services.js';
import type { Names } from './names.js';
import { noteReceipt, type QualityBook, type ServiceRow } from './quality-book.js';
import type { RecentRoots } from './recent-roots.js';
import { MISSING, ROOT, TraceIndex } from './trace-index.js';
import { AT_LAG, type TraceWindow } from './trace-window.js';

/** Instrumentation Score, rules SPA-001 and SPA-005. */
export const MANY_INTERNAL = 10;
export const MANY_SHORT = 20;
export const SHORT_MS = 5;
const FUTURE_MS = 5 * 60_000;
const LATE_MS = 6 * 3_600_000;
const ERROR = 2;
const UNKNOWN_PEER = -1;

/** What one service did in the trace that is being counted. */
interface Tally {
  place: number;
  row: ServiceRow;
  spans: number;
  internal: number;
  short: number;
  orphans: number;
  upstream: number;
}

export interface AuditParts {
  readonly window: TraceWindow;
  readonly book: QualityBook;
  readonly names: Names;
  readonly known: KnownServices;
  readonly roots: RecentRoots;
}

/** Counts a trace that has ended into the quality rollup. */
export class TraceAudit {
  private readonly index: TraceIndex;
  private readonly answered: Uint8Array;
  private readonly delegated: Uint8Array;
  private readonly tallies: Tally[] = [];
  /** By place: number of its tally plus one. */
  private readonly tallyOf = new Int32Array(2048);
  private hour: Hour = 0;
  private isWhole = false;

  constructor(
    private readonly parts: AuditParts,
    maxSpans: number,
  ) {
    this.index = new TraceIndex(parts.window, maxSpans);
    this.answered = new Uint8Array(maxSpans);
    this.delegated = new Uint8Array(maxSpans);
  }

  /**
   * @param isComplete whether nothing but the spans themselves speaks against the trace being whole
   * @returns for each place in it the bit of its number, modulo 32; and whether its spans were sampled differently
   */
  count(trace: number, hour: Hour, isComplete: boolean): { places: number; isMixed: boolean } {
    const { index } = this;
    index.read(trace);
    const isMixed = this.isMixed();
    this.hour = hour;
    this.isWhole = isComplete && !isMixed;
    this.tallies.length = 0;
    this.answered.fill(0, 0, index.size);
    this.delegated.fill(0, 0, index.size);
    for (let i = 0; i < index.size; i++) this.countSpan(i);
    for (let i = 0; i < index.size; i++) if (this.delegated[i] === 0) this.countCall(i);
    this.countEntry();
    return { places: this.countTallies(trace), isMixed };
  }

  private countSpan(i: number): void {
    const { index } = this;
    const tally = this.tally(index.word(i, AT_RESOURCE));
    const { counts, histograms } = tally.row.body;
    if (index.isRetry[i] === 1) {
      counts.retries++;
      return;
    }
    tally.spans++;
    if (index.clientHalf(i) >= 0) counts.shared++;
    if (index.collides(i)) counts.collisions++;
    const kept = index.word(i, AT_KEPT);
    counts.kept += kept & 0xffff;
    counts.dropped += kept >>> 16;
    const lag = index.number(i, AT_LAG);
    histograms.lag.add(lag);
    if (lag > LATE_MS) counts.late++;
    if (index.number(i, AT_START) > index.number(i, AT_END) + lag + FUTURE_MS) counts.future++;
    this.countFlags(index.word(i, AT_FLAGS), index.number(i, AT_THRESHOLD), counts);
    this.countTime(i, tally);
    this.countParent(i, tally);
  }

  private countFlags(flags: number, threshold: number, counts: ServiceCounts): void {
    const kind = flags & KIND_MASK;
    const isError = ((flags >> STATUS_SHIFT) & STATUS_MASK) === ERROR;
    const weight = threshold < 0 ? 0 : 1 / (1 - threshold);
    if (isError) {
      counts.errors++;
      if ((flags & HAS_ERROR_TYPE) === 0) counts.errorsWithoutType++;
    }
    if (kind === KIND_SERVER) {
      counts.servers++;
      counts.serverWeight += weight;
      if (threshold >= 0) counts.serversWithThreshold++;
      if ((flags & HTTP_5XX) !== 0) {
        counts.server5xx++;
        if (!isError) counts.server5xxWithoutError++;
      }
    }
    if (kind === KIND_SERVER || kind === KIND_CONSUMER) {
      counts.entries++;
      if ((flags & HAS_PROFILE) !== 0) counts.profiled++;
    }
    if (threshold >= 0) {
      counts.withThreshold++;
      counts.weight += weight;
    }
    if ((flags & HAS_BAGGAGE) !== 0) counts.baggage++;
    if ((flags & COLD_START) !== 0) counts.cold++;
    if ((flags & WARM_START) !== 0) counts.warm++;
  }

  private countTime(i: number, tally: Tally): void {
    const { index } = this;
    const { counts } = tally.row.body;
    const took = index.number(i, AT_END) - index.number(i, AT_START);
    const kind = index.kind(i);
    const operation = this.operation(i, tally.place);
    operation.body.counts.spans++;
    if (isErrorOf(index.word(i, AT_FLAGS))) operation.body.counts.errors++;
    if (kind === KIND_INTERNAL) tally.internal++;
    if (took < 0) counts.negative++;
    else {
      if (took === 0) counts.zero++;
      if (took < SHORT_MS) tally.short++;
      operation.body.histograms.duration.add(took);
      if (index.parents[i] === ROOT) operation.body.histograms.rootDuration.add(took);
    }
    if (index.parents[i] === ROOT) operation.body.counts.roots++;
  }

  private operation(i: number, place: number): ReturnType<QualityBook['operation']> {
    const { index, parts } = this;
    const kind = index.kind(i);
    const template = index.word(i, AT_OPERATION);
    const key = (place << 19) | (template << 3) | kind;
    return parts.book.operation(key, parts.names.place(place), parts.names.template(template), kind, this.hour);
  }

  /**
   * Whose fault a missing parent is follows instrumentation-score/spec issue 30: a SERVER or CONSUMER span, or one that
   * says that its parent is remote, misses a parent of somebody who cannot be named; all others one of their own service.
   */
  private countParent(i: number, tally: Tally): void {
    const { index } = this;
    const parent = index.parents[i]!;
    const flags = index.word(i, AT_FLAGS);
    const kind = flags & KIND_MASK;
    const isEntry = kind === KIND_SERVER || kind === KIND_CONSUMER;
    if (parent === MISSING) {
      if (isEntry || (flags & REMOTE_PARENT) !== 0) tally.upstream++;
      else tally.orphans++;
    }
    if (parent < 0) return;
    if (isEntry || index.word(parent, AT_RESOURCE) !== index.word(i, AT_RESOURCE)) this.answered[parent] = 1;
    else if (kind === KIND_CLIENT) this.delegated[parent] = 1;
    this.countSkew(i, parent, tally);
  }

  /** A message may be worked on long after it was sent, so only calls that are waited for are looked at. */
  private countSkew(i: number, parent: number, tally: Tally): void {
    const { index, parts } = this;
    const host = index.word(i, AT_HOST);
    const parentHost = index.word(parent, AT_HOST);
    if (host === parentHost || host === 0 || parentHost === 0) return;
    if (index.kind(i) === KIND_CONSUMER || index.kind(parent) === KIND_PRODUCER) return;
    const skew = Math.abs(
      clockSkew(
        index.number(parent, AT_START),
        index.number(parent, AT_END),
        index.number(i, AT_START),
        index.number(i, AT_END),
      ),
    );
    const pair = parts.book.hostPair(host, parentHost, this.hour);
    const { counts, histograms } = tally.row.body;
    counts.hostCrossings++;
    pair.body.counts.crossings++;
    histograms.skew.add(skew);
    pair.body.histograms.skew.add(skew);
    if (skew === 0) return;
    counts.skewed++;
    pair.body.counts.skewed++;
  }

  /** A call to a service that sends spans must have a span there; a new root there in its time is where it went. */
  private countCall(i: number): void {
    const { index, parts } = this;
    const flags = index.word(i, AT_FLAGS);
    if ((flags & KIND_MASK) !== KIND_CLIENT || index.isRetry[i] === 1) return;
    const place = index.word(i, AT_RESOURCE);
    const peer = index.word(i, AT_PEER);
    const isName = (flags & PEER_BY_NAME) !== 0;
    const service = peer === 0 ? UNKNOWN_PEER : parts.known.find(peer, isName);
    if (service === UNKNOWN_PEER || service === parts.names.serviceOf(place)) return;
    const { name, version } = parts.names.library(index.word(i, AT_SCOPE));
    const call = parts.book.call(parts.names.place(place), parts.names.service(service), name, version, this.hour);
    const counts = [this.tally(place).row.body.counts, call.body.counts];
    for (const c of counts) c.calls++;
    if (this.answered[i] === 1) return;
    if (!this.isWhole) {
      for (const c of counts) c.unansweredUnknown++;
      return;
    }
    const [start, end] = [index.number(i, AT_START), index.number(i, AT_END)];
    const isBroken = parts.roots.takeWithin(service, isName ? 0 : peer, start, end);
    for (const c of counts) {
      c.unanswered++;
      if (isBroken) c.broken++;
    }
  }

  private countEntry(): void {
    const { index } = this;
    const entry = this.entry();
    const tally = this.tally(index.word(entry, AT_RESOURCE));
    const { counts, histograms } = tally.row.body;
    counts.entered++;
    if (!this.isWhole) counts.enteredUnknown++;
    const spans = this.tallies.reduce((sum, t) => sum + t.spans, 0);
    const short = this.tallies.reduce((sum, t) => sum + t.short, 0);
    if (short > MANY_SHORT) {
      counts.shortTraces++;
      if (!this.isWhole) counts.shortTracesUnknown++;
    }
    if (this.hasError()) counts.errorTraces++;
    if (this.isWhole) {
      histograms.spansPerTrace.add(spans);
      if (spans === 1) counts.single++;
    }
    if (index.parents[entry] !== ROOT) {
      if (this.isWhole) counts.rootless++;
      return;
    }
    counts.roots++;
    this.countTrace(entry, spans);
    histograms.duration.add(index.number(entry, AT_END) - index.number(entry, AT_START));
    if (index.kind(entry) !== KIND_CLIENT) return;
    counts.clientRoots++;
    if ((index.word(entry, AT_FLAGS) & FROM_BROWSER) !== 0) counts.browserRoots++;
  }

  /** What the operation of the root span begins: sampling keeps or drops it as a whole. */
  private countTrace(entry: number, spans: number): void {
    const { index } = this;
    const { counts, histograms } = this.operation(entry, index.word(entry, AT_RESOURCE)).body;
    let [bytes, first, last] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < index.size; i++) {
      if (index.isRetry[i] === 1) continue;
      bytes += index.word(i, AT_SIZE);
      first = Math.min(first, index.number(i, AT_START));
      last = Math.max(last, index.number(i, AT_END));
    }
    counts.traces++;
    counts.traceSpans += spans;
    counts.traceSpansSquared += spans ** 2;
    counts.traceBytes += bytes;
    const threshold = index.number(entry, AT_THRESHOLD);
    if (threshold >= 0) {
      counts.tracesWithThreshold++;
      counts.traceWeight += 1 / (1 - threshold);
    }
    if (this.hasError()) {
      counts.errorTraces++;
      counts.errorTraceSpans += spans;
    } else histograms.okDuration.add(last - first);
  }

  /** The root span that begins first; where there is no root, the span that begins first. */
  private entry(): number {
    const { index } = this;
    let found = -1;
    for (let i = 0; i < index.size; i++) {
      if (index.isRetry[i] === 0 && (found < 0 || this.isBefore(i, found))) found = i;
    }
    return found;
  }

  private isBefore(i: number, j: number): boolean {
    const { index } = this;
    const isRoot = index.parents[i] === ROOT;
    if (isRoot !== (index.parents[j] === ROOT)) return isRoot;
    const later = index.number(i, AT_START) - index.number(j, AT_START);
    return later < 0 || (later === 0 && index.word(i, AT_SPAN) < index.word(j, AT_SPAN));
  }

  private hasError(): boolean {
    const { index } = this;
    for (let i = 0; i < index.size; i++) if (isErrorOf(index.word(i, AT_FLAGS))) return true;
    return false;
  }

  private isMixed(): boolean {
    const { index } = this;
    const first = index.number(0, AT_THRESHOLD);
    for (let i = 1; i < index.size; i++) if (index.number(i, AT_THRESHOLD) !== first) return true;
    return false;
  }

  private countTallies(trace: number): number {
    const { window } = this.parts;
    let places = 0;
    for (const tally of this.tallies) {
      const { counts } = tally.row.body;
      noteReceipt(tally.row, window.lastReceived[trace]!);
      counts.spans += tally.spans;
      counts.spansSquared += tally.spans ** 2;
      counts.traces++;
      if (tally.internal > MANY_INTERNAL) counts.manyInternal++;
      if (tally.short > MANY_SHORT) counts.manyShort++;
      if (this.isWhole) {
        counts.wholeSpans += tally.spans;
        counts.orphans += tally.orphans;
        counts.upstreamOrphans += tally.upstream;
        if (tally.orphans > 0) counts.orphanTraces++;
      } else {
        counts.unknown++;
        if (tally.internal > MANY_INTERNAL) counts.manyInternalUnknown++;
        if (tally.short > MANY_SHORT) counts.manyShortUnknown++;
      }
      this.tallyOf[tally.place] = 0;
      places |= 1 << (tally.place & 31);
    }
    return places;
  }

  private tally(place: number): Tally {
    const known = this.tallyOf[place]!;
    if (known !== 0) return this.tallies[known - 1]!;
    const row = this.parts.book.service(place, this.parts.names.place(place), this.hour);
    const tally: Tally = { place, row, spans: 0, internal: 0, short: 0, orphans: 0, upstream: 0 };
    this.tallyOf[place] = this.tallies.push(tally);
    return tally;
  }
}

function isErrorOf(flags: number): boolean {
  return ((flags >> STATUS_SHIFT) & STATUS_MASK) === ERROR;
}
