import { QuantileSketch } from './quantile-sketch.js';
import type { Hour } from './rollup.js';
import { Sketch } from './sketch.js';

/** What a row of the quality rollup is about. */
export const QUALITY_SUBJECTS = ['service', 'operation', 'call', 'host_pair', 'window'] as const;
export type QualitySubject = (typeof QUALITY_SUBJECTS)[number];

export type Counts = Record<string, number>;

/**
 * Counts of an hour of one service in one environment. A trace belongs to the hour in which it began. *Whole* traces
 * are those that came complete as far as can be told; of the others a fault that is seen is certain, and one that is not
 * seen is not known. A trace is *entered* at the service of its root span, or of its first span where it has no root.
 */
const SERVICE_COUNTS = {
  /** Spans, each counted once. */
  spans: 0,
  /** Sum of the squared numbers of spans by trace, for the effective sample size. */
  spansSquared: 0,
  /** The same span again; one id for both sides of a call, as Zipkin has it; different spans under one id. */
  retries: 0,
  shared: 0,
  collisions: 0,
  /** Spans without a valid trace id or span id: they are in no trace. */
  badIds: 0,
  negative: 0,
  zero: 0,
  /** Begin more than 5 minutes after they were received; ended more than 6 hours before. */
  future: 0,
  late: 0,
  kept: 0,
  dropped: 0,
  errors: 0,
  /** Spans with the status ERROR without `error.type` or an exception. */
  errorsWithoutType: 0,
  server5xx: 0,
  /** SERVER spans with an HTTP status of 500 or above whose status is not ERROR. */
  server5xxWithoutError: 0,
  cold: 0,
  warm: 0,
  baggage: 0,
  /** SERVER spans, and how many requests they stand for as far as they say how they were sampled. */
  servers: 0,
  serversWithThreshold: 0,
  serverWeight: 0,
  /** SERVER and CONSUMER spans, and those of them that link to a profile. */
  entries: 0,
  profiled: 0,
  /** Spans that say how they were sampled, and how many spans they stand for. */
  withThreshold: 0,
  weight: 0,
  /** Traces that the service takes part in, and those of them that are not whole. */
  traces: 0,
  unknown: 0,
  /** In whole traces. */
  wholeSpans: 0,
  /** Spans whose parent is missing and would be in this service; traces with such spans. */
  orphans: 0,
  orphanTraces: 0,
  /** Spans whose missing parent is in another service that nobody can name; they count against nobody. */
  upstreamOrphans: 0,
  /** Traces with more than 10 INTERNAL spans of the service, and those of them that are not whole. */
  manyInternal: 0,
  manyInternalUnknown: 0,
  /** Traces with more than 20 spans of the service under 5 ms, and those of them that are not whole. */
  manyShort: 0,
  manyShortUnknown: 0,
  /** Traces that are entered here. */
  entered: 0,
  enteredUnknown: 0,
  roots: 0,
  rootless: 0,
  clientRoots: 0,
  /** Of these, from a browser, where a CLIENT span is where a trace begins. */
  browserRoots: 0,
  single: 0,
  errorTraces: 0,
  /** Traces with more than 20 spans under 5 ms, whosever they are, and those of them that are not whole. */
  shortTraces: 0,
  shortTracesUnknown: 0,
  /** Pairs of parent and child on two hosts, the child in this service; those that cannot both be right. */
  hostCrossings: 0,
  skewed: 0,
  /** Calls to services that send spans; without a span there; of these, with a new root there; in traces not whole. */
  calls: 0,
  unanswered: 0,
  broken: 0,
  unansweredUnknown: 0,
  /** Traces that had ended here when more of them came: what was counted of them may be wrong. */
  doubt: 0,
  /** Resources, once per request, and what they lack. */
  resources: 0,
  withoutName: 0,
  unknownName: 0,
  withoutInstance: 0,
  withoutVersion: 0,
  withoutEnvironment: 0,
  withoutSdkVersion: 0,
  withoutRevision: 0,
  incomplete: 0,
  pods: 0,
  podsWithoutUid: 0,
};
export type ServiceCounts = typeof SERVICE_COUNTS;

const OPERATION_COUNTS = {
  spans: 0,
  errors: 0,
  roots: 0,
  /** Traces whose root span is of the operation, their spans, the sum of the squared numbers of these, and their bytes. */
  traces: 0,
  traceSpans: 0,
  traceSpansSquared: 0,
  traceBytes: 0,
  /** Of these, traces with an error, and their spans. */
  errorTraces: 0,
  errorTraceSpans: 0,
  /** Of these, traces that say how they were sampled, and how many traces they stand for. */
  tracesWithThreshold: 0,
  traceWeight: 0,
};
const CALL_COUNTS = { calls: 0, unanswered: 0, broken: 0, unansweredUnknown: 0 };
const HOST_PAIR_COUNTS = { crossings: 0, skewed: 0 };
/** How traces ended, of all services: with idle time, or before it because of a limit or the end of the process. */
const WINDOW_COUNTS = {
  ended: 0,
  aged: 0,
  evicted: 0,
  capped: 0,
  cut: 0,
  /** Traces whose spans were sampled differently. */
  mixed: 0,
  /** Traces that began before this process could know of them; what was counted of others may be wrong by as many. */
  doubt: 0,
  /** Spans of traces that were left out because there were too many; whole traces are left out. */
  skippedSpans: 0,
};
export type WindowCounts = typeof WINDOW_COUNTS;

interface Shape<C extends Counts = Counts, H extends string = string, S extends string = string> {
  readonly counts: C;
  readonly histograms: readonly H[];
  readonly sketches: readonly S[];
}

/** Milliseconds, but for `spansPerTrace`. */
const SHAPES = {
  service: {
    counts: SERVICE_COUNTS,
    histograms: ['lag', 'skew', 'spansPerTrace', 'duration'],
    sketches: ['instances', 'instancePods'],
  },
  // `okDuration` is of traces without errors, from the first start to the last end.
  operation: { counts: OPERATION_COUNTS, histograms: ['duration', 'rootDuration', 'okDuration'], sketches: [] },
  call: { counts: CALL_COUNTS, histograms: [], sketches: [] },
  host_pair: { counts: HOST_PAIR_COUNTS, histograms: ['skew'], sketches: [] },
  window: { counts: WINDOW_COUNTS, histograms: [], sketches: [] },
} as const satisfies Record<QualitySubject, Shape>;

type ShapeOf<S extends QualitySubject> = (typeof SHAPES)[S];

/** What is counted, of whichever subject: all of it adds up. */
export interface AnyBody {
  readonly counts: Counts;
  readonly histograms: Readonly<Record<string, QuantileSketch>>;
  readonly sketches: Readonly<Record<string, Sketch>>;
}

/** What is counted of a subject. */
export interface QualityBody<S extends QualitySubject> extends AnyBody {
  readonly counts: { -readonly [K in keyof ShapeOf<S>['counts']]: number };
  readonly histograms: { readonly [K in ShapeOf<S>['histograms'][number]]: QuantileSketch };
  readonly sketches: { readonly [K in ShapeOf<S>['sketches'][number]]: Sketch };
}

/**
 * A row is unique by its readonly fields. `names` of an operation are its template and its kind, of a call the service
 * that is called and the name and version of the library that made the calling span, of a pair of hosts their hashes.
 */
export interface QualityRow<Body extends AnyBody = AnyBody> {
  readonly subject: QualitySubject;
  readonly service: string;
  readonly environment: string;
  readonly names: readonly string[];
  readonly hour: Hour;
  readonly body: Body;
  /** When the last of its spans was received, milliseconds since the epoch; of services and windows. */
  lastReceived: number;
}

export function emptyBody<S extends QualitySubject>(subject: S): QualityBody<S> {
  const { counts, histograms, sketches } = SHAPES[subject] as Shape;
  return {
    counts: { ...counts },
    histograms: Object.fromEntries(histograms.map((name) => [name, new QuantileSketch()])),
    sketches: Object.fromEntries(sketches.map((name) => [name, new Sketch()])),
  } as unknown as QualityBody<S>;
}

/** Adds all that `more` has. */
export function mergeBody(sum: AnyBody, more: AnyBody): void {
  for (const [name, count] of Object.entries(more.counts)) sum.counts[name] = (sum.counts[name] ?? 0) + count;
  for (const [name, histogram] of Object.entries(more.histograms)) sum.histograms[name]!.merge(histogram);
  for (const [name, sketch] of Object.entries(more.sketches)) sum.sketches[name]!.merge(sketch);
}

/** A body as it is stored: what is 0 or empty is left out. Sketches are bytes in hex. */
export interface StoredBody {
  readonly counts: Counts;
  readonly histograms: Readonly<Record<string, readonly number[]>>;
  readonly sketches: Readonly<Record<string, string>>;
}

export function storeBody(body: AnyBody, hex: (bytes: Uint8Array) => string): StoredBody {
  const counts = Object.entries(body.counts).filter(([, count]) => count !== 0);
  const histograms = Object.entries(body.histograms).filter(([, histogram]) => histogram.count > 0);
  const sketches = Object.entries(body.sketches).filter(([, sketch]) => sketch.estimate().distinct > 0);
  return {
    counts: Object.fromEntries(counts),
    histograms: Object.fromEntries(histograms.map(([name, histogram]) => [name, histogram.toList()])),
    sketches: Object.fromEntries(sketches.map(([name, sketch]) => [name, hex(sketch.toBytes())])),
  };
}

/** Reads what `storeBody` wrote, by this version or an older one; names that this version does not know are left out. */
export function readBody<S extends QualitySubject>(
  subject: S,
  stored: StoredBody,
  bytes: (hex: string) => Uint8Array,
): QualityBody<S> {
  const body = emptyBody(subject);
  const { counts, histograms, sketches }: AnyBody = body;
  for (const [name, count] of Object.entries(stored.counts)) if (name in counts) counts[name] = count;
  for (const [name, list] of Object.entries(stored.histograms)) histograms[name]?.merge(QuantileSketch.fromList(list));
  for (const [name, text] of Object.entries(stored.sketches)) sketches[name]?.merge(Sketch.fromBytes(bytes(text)));
  return body;
}
