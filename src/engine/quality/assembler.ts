import type { Hour } from '../model/rollup.js';
import {
  AT_END,
  AT_FLAGS,
  AT_OPERATION,
  AT_PARENT,
  AT_PEER,
  AT_RESOURCE,
  AT_SCOPE,
  AT_START,
  HAS_ENVIRONMENT,
  HAS_INSTANCE,
  HAS_NAME,
  HAS_POD,
  HAS_POD_UID,
  HAS_REVISION,
  HAS_SDK_VERSION,
  HAS_VERSION,
  KIND_MASK,
  KIND_SERVER,
  NUMBERS,
  type ResourceFacts,
  type SpanFacts,
  WORDS,
} from '../model/span-facts.js';
import { IdTable } from './id-table.js';
import { KnownServices } from './known-services.js';
import { Names } from './names.js';
import { noteReceipt, type OwnRow, QualityBook, type WindowRow } from './quality-book.js';
import { RecentRoots } from './recent-roots.js';
import { TraceAudit } from './trace-audit.js';
import { AT_LAG, hasIds, TraceWindow, traceKeyA, traceKeyB, WINDOW_NUMBERS } from './trace-window.js';

/** Bounds of the window. The defaults take about 35 MiB when full. */
export interface AssemblerLimits {
  readonly maxTraces: number;
  readonly maxSpans: number;
  readonly maxSpansPerTrace: number;
  /** A trace ends when nothing of it came for so long, */
  readonly idleMs: number;
  /** or when its first span came so long ago; it does not count as whole then. */
  readonly maxAgeMs: number;
  /** Traces that ended and are remembered, so that what comes late is known to be late. */
  readonly maxEnded: number;
}

export const DEFAULT_ASSEMBLER_LIMITS: AssemblerLimits = {
  maxTraces: 1 << 16,
  maxSpans: 1 << 18,
  maxSpansPerTrace: 10_000,
  idleMs: 30_000,
  maxAgeMs: 15 * 60_000,
  maxEnded: 1 << 16,
};

type Ending = 'ended' | 'aged' | 'evicted' | 'cut';

const HOUR = 3_600_000;
const OLDEST = 31 * 24 * HOUR;
const EVERYTHING = 2 ** 32;
/** The window is fuller than this: half of the traces are left out; emptier than that: twice as many are taken. */
const CROWDED = 0.75;
const ROOMY = 0.1;
const COMPLETE = HAS_VERSION | HAS_ENVIRONMENT | HAS_INSTANCE | HAS_SDK_VERSION;

/**
 * Puts the spans of many requests together to traces, in whatever order they come, and counts each trace when it has
 * ended. Time is given in. Memory is bounded: where more comes than there is room for, whole traces are left out, chosen
 * by their id, so that those that are counted are a fair sample.
 *
 * What is not known is never counted as known. A trace is whole when it ended by being idle, fitted in, began after the
 * horizon (the time before which a part of it could have been missed or forgotten), and its spans were sampled alike.
 */
export class TraceAssembler {
  private readonly window: TraceWindow;
  private readonly book = new QualityBook();
  private readonly names = new Names();
  private readonly known = new KnownServices();
  private readonly roots = new RecentRoots();
  private readonly audit: TraceAudit;
  private readonly ended: EndedTraces;
  /** Traces whose key is below this are taken. */
  private accepted = EVERYTHING;
  private acceptedBefore = EVERYTHING;
  private changedAt = Number.NEGATIVE_INFINITY;

  /** @param startedAt since when all spans come here, milliseconds since the epoch */
  constructor(
    startedAt: number,
    private readonly limits: AssemblerLimits = DEFAULT_ASSEMBLER_LIMITS,
  ) {
    const { maxTraces, maxSpans, maxSpansPerTrace, maxEnded } = limits;
    this.window = new TraceWindow(maxTraces, maxSpans);
    const { window, book, names, known, roots } = this;
    this.audit = new TraceAudit({ window, book, names, known, roots }, maxSpansPerTrace);
    this.ended = new EndedTraces(maxEnded, startedAt);
  }

  /**
   * Takes the spans of a request in.
   *
   * @param isCounted says of a service whether the request's part of it counts; another delivery of it does not
   * @param receivedAt milliseconds since the epoch, never earlier than in the call before
   */
  add(facts: SpanFacts, isCounted: (service: string) => boolean, receivedAt: number): void {
    this.advance(receivedAt);
    const hour = Math.floor(receivedAt / HOUR);
    const places = facts.resources.map((resource) => this.countResource(resource, isCounted, hour, receivedAt));
    const libraries = this.names.librariesOf(facts);
    const templates = this.names.templatesOf(facts);
    for (let i = 0; i < facts.spans; i++) {
      const place = places[facts.words[i * WORDS + AT_RESOURCE]!]!;
      if (place < 0) continue;
      const trace = this.traceOf(facts.words, i * WORDS, place, hour, receivedAt);
      if (trace < 0) continue;
      const slot = this.window.add(trace, receivedAt);
      const at = slot * WORDS;
      const { words, numbers } = this.window;
      for (let w = 0; w < WORDS; w++) words[at + w] = facts.words[i * WORDS + w]!;
      words[at + AT_RESOURCE] = place;
      words[at + AT_SCOPE] = libraries[words[at + AT_SCOPE]!] ?? 0;
      words[at + AT_OPERATION] = templates[words[at + AT_OPERATION]!] ?? 0;
      const numberAt = slot * WINDOW_NUMBERS;
      for (let n = 0; n < NUMBERS; n++) numbers[numberAt + n] = facts.numbers[i * NUMBERS + n]!;
      numbers[numberAt + AT_LAG] = receivedAt - numbers[numberAt + AT_END]!;
      this.learn(trace, at, numberAt, place);
    }
  }

  /** Ends the traces that were idle for long enough. */
  advance(now: number): void {
    const { window, limits } = this;
    for (let trace = window.oldest; trace >= 0; trace = window.oldest) {
      if (window.lastReceived[trace]! + limits.idleMs > now) break;
      this.end(trace, 'ended', now);
    }
    const isSettled = now - this.changedAt > 2 * limits.idleMs;
    if (window.fill < ROOMY && this.accepted < EVERYTHING && isSettled) this.accept(this.accepted * 2, now);
  }

  /** Ends all traces, since the process ends; they do not count as whole. */
  close(now: number): void {
    this.advance(now);
    for (let trace = this.window.oldest; trace >= 0; trace = this.window.oldest) this.end(trace, 'cut', now);
  }

  /** Rows that changed since the last call, and lets go of hours that are over. */
  take(now: number): OwnRow[] {
    const rows = this.book.take();
    this.book.forget(Math.floor(now / HOUR));
    return rows;
  }

  /** Gives rows back that could not be written. */
  giveBack(rows: readonly OwnRow[]): void {
    this.book.giveBack(rows);
  }

  /** The trace that a span is put into, and for which there is room; -1 where it is not put together with others. */
  private traceOf(words: Int32Array, at: number, place: number, hour: Hour, now: number): number {
    const { window, limits } = this;
    if (!hasIds(words, at)) {
      this.book.service(place, this.names.place(place), hour).body.counts.badIds++;
      return -1;
    }
    const a = traceKeyA(words, at);
    const b = traceKeyB(words, at);
    if (window.fill > CROWDED && this.accepted > 1) this.leaveOutHalf(hour, now);
    let trace = window.find(a, b);
    if (trace < 0) {
      if (a >>> 0 >= this.accepted) {
        this.book.window(hour).body.counts.skippedSpans++;
        return -1;
      }
      trace = this.open(a, b, now);
    } else if (now - window.firstReceived[trace]! >= limits.maxAgeMs) {
      this.end(trace, 'aged', now);
      trace = this.open(a, b, now);
    }
    if (window.size(trace) >= limits.maxSpansPerTrace) {
      window.broken[trace] = 1;
      window.touch(trace, now);
      return -1;
    }
    return window.hasSpanRoom || this.makeRoom(trace, now) ? trace : -1;
  }

  private open(a: number, b: number, now: number): number {
    const { window } = this;
    if (!window.hasTraceRoom) this.end(window.oldest, 'evicted', now);
    const trace = window.open(a, b, now);
    window.lastReceived[trace] = now;
    if (this.doubtEnded(a, b)) window.broken[trace] = 1;
    return trace;
  }

  /** From now on half of the traces are left out, and those of them that are under way let go: they count nowhere. */
  private leaveOutHalf(hour: Hour, now: number): void {
    const { window } = this;
    this.accept(this.accepted / 2, now);
    const { counts } = this.book.window(hour).body;
    for (let trace = window.oldest; trace >= 0; ) {
      const next = window.after(trace);
      if (window.id(trace, 0) >>> 0 >= this.accepted) {
        counts.skippedSpans += window.size(trace);
        window.close(trace);
      }
      trace = next;
    }
  }

  private accept(share: number, now: number): void {
    this.acceptedBefore = Math.min(this.accepted, share);
    this.accepted = share;
    this.changedAt = now;
  }

  private makeRoom(keep: number, now: number): boolean {
    const { oldest } = this.window;
    if (oldest !== keep) this.end(oldest, 'evicted', now);
    else this.window.broken[keep] = 1;
    return oldest !== keep;
  }

  /** A trace that goes on after it had ended: what was counted of it, of whichever service, may have been wrong. */
  private doubtEnded(a: number, b: number): boolean {
    const found = this.ended.find(a, b);
    if (found === null) return false;
    this.names.eachPlace(found.places, (place) => {
      this.book.service(place, this.names.place(place), found.hour).body.counts.doubt++;
    });
    return true;
  }

  private learn(trace: number, at: number, numberAt: number, place: number): void {
    const { words, numbers } = this.window;
    const start = numbers[numberAt + AT_START]!;
    const end = numbers[numberAt + AT_END]!;
    const first = start < end ? start : end;
    if (first < this.window.begin[trace]!) this.window.begin[trace] = first;
    if ((words[at + AT_FLAGS]! & KIND_MASK) !== KIND_SERVER) return;
    const service = this.names.serviceOf(place);
    const peer = words[at + AT_PEER]!;
    if (peer !== 0) this.known.answersAt(peer, service);
    if ((words[at + AT_PARENT]! | words[at + AT_PARENT + 1]!) === 0) this.roots.add(service, peer, start, end);
  }

  private end(trace: number, ending: Ending, now: number): void {
    const { window } = this;
    const begin = window.begin[trace]!;
    const isPlausible = begin >= now - OLDEST && begin <= now + HOUR;
    const hour = Math.floor((isPlausible ? begin : window.firstReceived[trace]!) / HOUR);
    const { counts } = this.windowRow(trace, hour).body;
    const a = window.id(trace, 0);
    const b = window.id(trace, 1);
    const isKnown = begin >= this.ended.horizon && !this.wasLeftOut(a, begin);
    const isComplete = ending === 'ended' && window.broken[trace] === 0 && isKnown;
    const { places, isMixed } = this.audit.count(trace, hour, isComplete);
    counts[ending]++;
    if (begin < this.ended.horizon) counts.doubt++;
    if (window.size(trace) >= this.limits.maxSpansPerTrace) counts.capped++;
    if (isMixed) counts.mixed++;
    window.close(trace);
    this.ended.add(a, b, places, hour, now);
  }

  private windowRow(trace: number, hour: Hour): WindowRow {
    const row = this.book.window(hour);
    noteReceipt(row, this.window.lastReceived[trace]!);
    return row;
  }

  /** Whether spans of the trace may have come while its key was not among those that are taken. */
  private wasLeftOut(a: number, begin: number): boolean {
    return a >>> 0 >= this.acceptedBefore && begin < this.changedAt + this.limits.idleMs;
  }

  private countResource(
    facts: ResourceFacts,
    isCounted: (service: string) => boolean,
    hour: Hour,
    now: number,
  ): number {
    if (!isCounted(facts.service)) return -1;
    const place = this.names.placeOf(facts);
    this.known.named(facts.nameHash, this.names.serviceOf(place));
    const row = this.book.service(place, this.names.place(place), hour);
    noteReceipt(row, now);
    const { counts, sketches } = row.body;
    const { keys } = facts;
    const lacks = (bit: number): number => ((keys & bit) === 0 ? 1 : 0);
    counts.resources++;
    counts.withoutName += lacks(HAS_NAME);
    counts.unknownName += /^unknown_service/.test(facts.service) ? 1 : 0;
    counts.withoutInstance += lacks(HAS_INSTANCE);
    counts.withoutVersion += lacks(HAS_VERSION);
    counts.withoutEnvironment += lacks(HAS_ENVIRONMENT);
    counts.withoutSdkVersion += lacks(HAS_SDK_VERSION);
    counts.withoutRevision += lacks(HAS_REVISION);
    counts.incomplete += (keys & COMPLETE) === COMPLETE ? 0 : 1;
    counts.kept += facts.kept;
    counts.dropped += facts.dropped;
    if ((keys & (HAS_POD | HAS_POD_UID)) !== 0) {
      counts.pods++;
      counts.podsWithoutUid += lacks(HAS_POD_UID);
    }
    if (facts.instanceAndPod >= 0) {
      sketches.instances.add(facts.instance);
      sketches.instancePods.add(facts.instanceAndPod);
    }
    return place;
  }
}

/** Traces that have ended, as far as they are remembered: the oldest are forgotten when there are too many. */
class EndedTraces {
  private readonly table = new IdTable();
  private readonly ids: Int32Array;
  private readonly places: Int32Array;
  private readonly hours: Int32Array;
  private readonly times: Float64Array;
  private next = 0;

  /** @param horizon of what began before it nobody knows whether it is known whole */
  constructor(
    private readonly capacity: number,
    public horizon: number,
  ) {
    this.ids = new Int32Array(capacity * 2);
    this.places = new Int32Array(capacity);
    this.hours = new Int32Array(capacity);
    this.times = new Float64Array(capacity);
  }

  add(a: number, b: number, places: number, hour: Hour, now: number): void {
    const at = this.next;
    this.next = (at + 1) % this.capacity;
    if (this.times[at]! > 0) {
      const [oldA, oldB] = [this.ids[2 * at]!, this.ids[2 * at + 1]!];
      if (this.table.get(oldA, oldB) === at) this.table.delete(oldA, oldB);
      this.horizon = Math.max(this.horizon, this.times[at]!);
    }
    this.ids[2 * at] = a;
    this.ids[2 * at + 1] = b;
    this.places[at] = places;
    this.hours[at] = hour;
    this.times[at] = now;
    this.table.set(a, b, at);
  }

  find(a: number, b: number): { places: number; hour: Hour } | null {
    const at = this.table.get(a, b);
    return at < 0 ? null : { places: this.places[at]!, hour: this.hours[at]! };
  }
}
