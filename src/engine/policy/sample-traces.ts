import type { PolicyVersion } from '../model/policy.js';
import type { AnyValue, ResourceSpans, TraceRequest, TraceSpan, WithAttributes } from '../model/trace-request.js';
import { ENVIRONMENT_KEYS } from './environment-keys.js';
import { isSampling, type NamedRule, type SamplingRule, type SpanTest, tailRules } from './sampling-rules.js';
import type { SimulationTools, TextPattern } from './simulate.js';
import { hasPlaceholder, spanNamePattern } from './span-name-pattern.js';
import { HashShare, randomnessOf, thresholdOf } from './trace-id-share.js';

/** Of all trace ids; another one would split the traces that policies keep. */
export const HASH_SALT = 'spanwarden';
export const PRECISION = 4;
const ERROR = 2;

/** What was decided of one trace. */
export interface TraceDecision {
  /** In hexadecimal, lower case. */
  readonly traceId: string;
  readonly spans: number;
  readonly isKept: boolean;
  /** The first rule that keeps it; '' where none does. */
  readonly rule: string;
  /** What kind of trace it is, whatever was decided. */
  readonly hasError: boolean;
  readonly durationMs: number;
}

interface PlacedSpan {
  readonly resource: ResourceSpans;
  readonly span: TraceSpan;
}

/** All that rules ask of a span; none of its values. */
export interface SpanMark {
  readonly hasError: boolean;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
  /** Those of the sampler's tests that it meets, as their numbers. */
  readonly meets: readonly number[];
}

/**
 * Decides on traces as the processor tail_sampling of the OpenTelemetry Collector (contrib v0.159) does with what the
 * target `otel-collector` renders: all spans of a trace are there when it is decided, and the gate
 * `processor.tailsamplingprocessor.usetracestate` is off, as it is by default. Spans without a trace id are left out.
 * Where spans come in many requests, they are marked one by one, and decided on when the trace is complete.
 */
export class TraceSampler {
  private readonly rules: readonly NamedRule[];
  private readonly tests: readonly SpanTest[];
  private readonly numbers: ReadonlyMap<SpanTest, number>;
  private readonly names = new Map<string, TextPattern>();
  private readonly shares = new Map<number, HashShare>();

  /** @param others that spans are marked by, too */
  constructor(
    policies: readonly PolicyVersion[],
    private readonly tools: Pick<SimulationTools, 'compile'>,
    others: readonly SpanTest[] = [],
  ) {
    this.rules = tailRules(policies.filter(isSampling));
    this.tests = [...new Set([...this.rules.flatMap(({ rule }) => testsOf(rule)), ...others])];
    this.numbers = new Map(this.tests.map((test, i) => [test, i]));
  }

  /** In the order in which traces begin in the request. */
  run(request: TraceRequest): TraceDecision[] {
    return [...tracesOf(request)].map(([traceId, spans]) => {
      const marks = spans.map(({ resource, span }) => this.mark(resource, span));
      return { traceId, spans: spans.length, ...this.decide(traceId, marks) };
    });
  }

  mark(resource: ResourceSpans, span: TraceSpan): SpanMark {
    return {
      hasError: span.status?.code === ERROR,
      start: BigInt(span.startTimeUnixNano ?? 0),
      end: BigInt(span.endTimeUnixNano ?? 0),
      meets: this.tests.flatMap((test, i) => (this.meets(test, { resource, span }) ? [i] : [])),
    };
  }

  /** Whether any of the spans meets any of the tests, which the sampler was made with. */
  someMeet(marks: readonly SpanMark[], tests: readonly SpanTest[]): boolean {
    const wanted = tests.map((test) => this.numbers.get(test)!);
    return marks.some(({ meets }) => wanted.some((number) => meets.includes(number)));
  }

  /** @param marks of all spans of the trace, in the order in which they came */
  decide(traceId: string, marks: readonly SpanMark[]): Omit<TraceDecision, 'traceId' | 'spans'> {
    const id = bytesOf(traceId);
    const rule = this.rules.find((named) => this.holds(named.rule, id, marks));
    const isKept = this.rules.length === 0 || rule !== undefined;
    const hasError = marks.some((mark) => mark.hasError);
    return { isKept, rule: rule?.name ?? '', hasError, durationMs: durationOf(marks) };
  }

  private holds(rule: SamplingRule, id: Uint8Array, marks: readonly SpanMark[]): boolean {
    switch (rule.type) {
      case 'always':
        return true;
      case 'error':
        return marks.some((mark) => mark.hasError);
      case 'longer':
        return isLonger(marks, rule.ms);
      case 'some-span':
        return this.someMeet(marks, rule.tests);
      case 'share':
        return this.shareOf(rule.percentage).keeps(id);
      case 'not':
        return !this.holds(rule.rule, id, marks);
      case 'all':
        return rule.rules.every((part) => this.holds(part, id, marks));
    }
  }

  private meets(test: SpanTest, { resource, span }: PlacedSpan): boolean {
    const { isRoot, services, environment, names, attribute } = test;
    const about = resource.resource;
    return (
      (!isRoot || isEmptyId(span.parentSpanId)) &&
      (services.length === 0 || services.some((service) => textOf(about, 'service.name') === service)) &&
      (environment === '' || ENVIRONMENT_KEYS.some((key) => textOf(about, key) === environment)) &&
      (names.length === 0 || names.some((name) => this.isNamed(span.name ?? '', name))) &&
      (attribute === null || textOf(span, attribute.key) === attribute.value)
    );
  }

  private isNamed(name: string, template: string): boolean {
    if (name === template) return true;
    if (!hasPlaceholder(template)) return false;
    const pattern = this.names.get(template) ?? this.tools.compile(spanNamePattern(template));
    if ('error' in pattern) return false;
    this.names.set(template, pattern);
    return pattern.exec(name, 0) !== null;
  }

  private shareOf(percentage: number): HashShare {
    const share = this.shares.get(percentage) ?? new HashShare(percentage, HASH_SALT);
    this.shares.set(percentage, share);
    return share;
  }
}

/**
 * Whether a span stays, as the processor probabilistic_sampler (mode `proportional`, precision 4) decides it: by the
 * randomness of its trace id, or that of `rv` in its trace state, and by the threshold `th` that it was sampled with
 * before. A span without randomness, or with a threshold that it cannot have passed, stays, since the processor is set to
 * fail open. The attribute `sampling.priority` goes before all of it. Trace states are taken to be well-formed.
 */
export function keepsSpan(percentage: number, span: TraceSpan): boolean {
  const priority = priorityOf(span);
  if (priority !== null) return priority > 0;
  if (percentage <= 0) return false;
  const { threshold, randomness } = readTraceState(span.traceState ?? '');
  if (randomness === null && isEmptyId(span.traceId)) return true;
  const random = randomness ?? randomnessOf(bytesOf(span.traceId!));
  if (threshold !== null && threshold > random) return true;
  const before = threshold === null ? 1 : Number((1n << 56n) - threshold) / 2 ** 56;
  // The processor reads the percentage as a number of 32 bits.
  const ratio = Math.max(2 ** -56, Math.min(100, Math.fround(percentage)) / 100);
  return thresholdOf(before * ratio, PRECISION) <= random;
}

/** The number that OpenTracing's tag holds; null where it has none, or one below 0. */
function priorityOf({ attributes = [] }: TraceSpan): number | null {
  const value = attributes.find(({ key }) => key === 'sampling.priority')?.value;
  const text = value?.stringValue === '' ? undefined : (value?.intValue ?? value?.doubleValue ?? value?.stringValue);
  const number = text === undefined ? Number.NaN : Number(text);
  return number >= 0 ? number : null;
}

/** `th` and `rv` of the entry `ot` (OpenTelemetry specification, tracestate-handling). */
function readTraceState(text: string): { threshold: bigint | null; randomness: bigint | null } {
  const entry = text.split(',').find((part) => part.trim().startsWith('ot='));
  const fields = new Map(
    (entry?.trim().slice(3) ?? '').split(';').map((part) => part.split(':', 2) as [string, string]),
  );
  const th = fields.get('th') ?? '';
  const rv = fields.get('rv') ?? '';
  return {
    threshold: /^[0-9a-f]{1,14}$/.test(th) ? BigInt(`0x${th.padEnd(14, '0')}`) : null,
    randomness: /^[0-9a-f]{14}$/.test(rv) ? BigInt(`0x${rv}`) : null,
  };
}

function tracesOf({ resourceSpans = [] }: TraceRequest): Map<string, PlacedSpan[]> {
  const traces = new Map<string, PlacedSpan[]>();
  for (const resource of resourceSpans) {
    for (const { spans = [] } of resource.scopeSpans ?? []) {
      for (const span of spans) {
        const id = (span.traceId ?? '').toLowerCase();
        if (isEmptyId(id)) continue;
        const trace = traces.get(id) ?? [];
        trace.push({ resource, span });
        traces.set(id, trace);
      }
    }
  }
  return traces;
}

export function isEmptyId(id: string | undefined): boolean {
  return id === undefined || /^0*$/.test(id);
}

/** Looked at span by span, as the processor does: it stops as soon as the spans so far last longer. */
function isLonger(marks: readonly SpanMark[], ms: number): boolean {
  let [first, last] = [0n, 0n];
  for (const { start, end } of marks) {
    if (first === 0n || start < first) first = start;
    if (last === 0n || end > last) last = end;
    if ((last - first) / 1_000_000n > BigInt(ms)) return true;
  }
  return false;
}

function durationOf(marks: readonly SpanMark[]): number {
  const first = marks.reduce((least, { start }) => (start < least ? start : least), marks[0]!.start);
  const last = marks.reduce((most, { end }) => (end > most ? end : most), marks[0]!.end);
  return Number((last - first) / 1_000n) / 1_000;
}

function testsOf(rule: SamplingRule): readonly SpanTest[] {
  if (rule.type === 'some-span') return rule.tests;
  if (rule.type === 'not') return testsOf(rule.rule);
  return rule.type === 'all' ? rule.rules.flatMap(testsOf) : [];
}

function textOf(owner: WithAttributes | undefined, key: string): string | undefined {
  const value: AnyValue | undefined = owner?.attributes?.find((attribute) => (attribute.key ?? '') === key)?.value;
  return value?.stringValue;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 16; i++) bytes[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16) || 0;
  return bytes;
}
