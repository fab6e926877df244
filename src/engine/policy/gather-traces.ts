import type { PolicyVersion } from '../model/policy.js';
import type { Moments, RatioRow, SimulatedTraces, TraceClass } from '../model/simulation.js';
import { TRACE_CLASSES } from '../model/simulation.js';
import { TRACE_SUMS, type Weighed, weigh } from '../model/trace-sums.js';
import { type SpanMark, TraceSampler } from './sample-traces.js';
import {
  criticalTests,
  isSampling,
  listedTests,
  OTHERS,
  type SamplingVersion,
  type SpanTest,
} from './sampling-rules.js';
import type { SimulationTools } from './simulate.js';

/** What is slow where no policy says it. */
const SLOW_MS = 1_000;

/** One span of a trace that is put together: numbers, ids, and the name of its service as it is stored. */
export interface GatheredSpan {
  /** In hexadecimal, lower case. */
  readonly traceId: string;
  readonly spanId: string;
  /** '' for a root. */
  readonly parentId: string;
  readonly service: string;
  /** OTLP protobuf, with its share of what it came under. */
  readonly bytes: number;
  /** How many spans it stands for; 0 where that is not known. */
  readonly weight: number;
  /** Of the trace, for sums by trace. */
  readonly hash: number;
  readonly mark: SpanMark;
  /** As `probabilistic_sampler` decides; null where traces are decided on as a whole. */
  readonly isKept: boolean | null;
}

export interface GatherLimits {
  readonly maxTraces: number;
  readonly maxSpans: number;
}

/** Spans of a service that were decided on. */
export interface GatheredUsage extends Weighed {
  readonly service: string;
  spans: number;
  bytes: number;
}

export interface GatheredTraces {
  readonly traces: SimulatedTraces;
  /** With the spans of traces that no policy speaks of, which all stay. */
  readonly ratios: readonly RatioRow[];
  /** All spans of whole traces that policies speak of, and those of them that are dropped, by service. */
  readonly seen: readonly GatheredUsage[];
  readonly dropped: readonly GatheredUsage[];
}

interface OpenTrace {
  readonly spans: GatheredSpan[];
  lastAt: number;
}

/** Policies on sampling as they decide on whole traces, with the tests that tell kinds of traces. */
export class SamplingSimulation {
  readonly sampler: TraceSampler;
  /** In milliseconds: a trace that lasts longer is slow. */
  readonly slowMs: number;
  /** Percentage of `probabilistic_sampler`; null where traces are decided on as a whole. */
  readonly spanPercentage: number | null;
  private readonly critical: readonly SpanTest[];
  private readonly listed: readonly SpanTest[];

  constructor(policies: readonly PolicyVersion[], tools: Pick<SimulationTools, 'compile'>) {
    const own = policies.filter(isSampling);
    this.critical = own.flatMap(({ policy }) => criticalTests(policy.action.keep));
    this.listed = own.flatMap(listedTests);
    this.slowMs = slowMsOf(own);
    const share = own.find(({ policy }) => policy.action.stage === 'collector');
    this.spanPercentage = share === undefined ? null : share.policy.action.otherwise * 100;
    this.sampler = new TraceSampler(own.map(asTail), tools, [...this.critical, ...this.listed]);
  }

  classOf(marks: readonly SpanMark[], { hasError, durationMs }: { hasError: boolean; durationMs: number }): TraceClass {
    if (hasError) return 'error';
    if (Math.floor(durationMs) > this.slowMs) return 'slow';
    if (this.sampler.someMeet(marks, this.critical)) return 'critical';
    return this.listed.length > 0 && !this.sampler.someMeet(marks, this.listed) ? 'rare' : 'other';
  }
}

/** The least that any policy calls slow, in milliseconds. */
export function slowMsOf(policies: readonly SamplingVersion[]): number {
  const said = policies.flatMap(({ policy }) => policy.action.keep.slowerThanMs ?? []);
  return said.length === 0 ? SLOW_MS : Math.min(...said);
}

/**
 * What SDKs decide when a root span starts keeps the same share of each operation as a collector that decides by trace id,
 * though not the same traces; what a collector decides span by span stands on the spans.
 */
function asTail(version: SamplingVersion): PolicyVersion {
  const { policy } = version;
  const { action } = policy;
  if (action.stage !== 'sdk') return version;
  const keep = { errors: false, slowerThanMs: null, critical: [] };
  return { ...version, policy: { ...policy, action: { ...action, stage: 'tail', keep } } };
}

/** Puts traces together out of spans that come in any order, within limits, and counts what becomes of them. */
export class TraceGathering {
  private readonly open = new Map<string, OpenTrace>();
  private spans = 0;
  private readonly traces: SimulatedTraces = {
    classes: TRACE_CLASSES.map((name) => ({
      ...{ class: name, keptTraces: 0, droppedTraces: 0, keptSpans: 0, droppedSpans: 0 },
    })),
    ...{ whole: 0, broken: 0, open: 0 },
  };
  private readonly ratios = new Map<string, RatioRow>();
  private readonly seen = new Map<string, GatheredUsage>();
  private readonly dropped = new Map<string, GatheredUsage>();

  constructor(
    private readonly simulation: SamplingSimulation,
    private readonly limits: GatherLimits,
  ) {}

  /** @param at milliseconds, of a clock that does not go back */
  add(spans: readonly GatheredSpan[], at: number): void {
    for (const span of spans) {
      let trace = this.open.get(span.traceId);
      const isFull = this.spans >= this.limits.maxSpans;
      if (trace === undefined) {
        if (isFull || this.open.size >= this.limits.maxTraces) {
          this.traces.open++;
          continue;
        }
        trace = { spans: [], lastAt: at };
        this.open.set(span.traceId, trace);
      }
      trace.lastAt = at;
      // A trace that lacks a span is told as broken.
      if (isFull) continue;
      trace.spans.push(span);
      this.spans++;
    }
  }

  /** Forgets traces that are not wanted any more, such as those whose further spans will not come. */
  forget(isWanted: (hash: number) => boolean): void {
    for (const [id, { spans }] of this.open) if (!isWanted(spans[0]!.hash)) this.remove(id, spans);
  }

  /** Decides on traces of which nothing came since `before`. */
  end(before: number): void {
    for (const [id, { spans, lastAt }] of this.open) {
      if (lastAt >= before) continue;
      this.decide(id, spans, 'broken');
      this.remove(id, spans);
    }
  }

  /** Decides on all traces; those that are not whole might have become so. */
  close(): void {
    for (const [id, { spans }] of this.open) this.decide(id, spans, 'open');
    this.open.clear();
    this.spans = 0;
  }

  result(): GatheredTraces {
    const rows = <T>(map: ReadonlyMap<string, T>): T[] => [...map.values()];
    return {
      traces: this.traces,
      ratios: rows(this.ratios),
      seen: rows(this.seen),
      dropped: rows(this.dropped),
    };
  }

  private remove(id: string, spans: readonly GatheredSpan[]): void {
    this.open.delete(id);
    this.spans -= spans.length;
  }

  private decide(id: string, spans: readonly GatheredSpan[], otherwise: 'broken' | 'open'): void {
    const { sampler } = this.simulation;
    const marks = spans.map(({ mark }) => mark);
    const decision = sampler.decide(id, marks);
    if (decision.rule === OTHERS) {
      // Its spans are part of what their services send, whole or not.
      this.countRatios(spans, () => true);
      return;
    }
    if (!isWhole(spans)) {
      this.traces[otherwise]++;
      return;
    }
    this.traces.whole++;
    const row = this.traces.classes.find((one) => one.class === this.simulation.classOf(marks, decision))!;
    const stays = (span: GatheredSpan): boolean => span.isKept ?? decision.isKept;
    const kept = spans.filter(stays).length;
    row[kept > 0 ? 'keptTraces' : 'droppedTraces']++;
    row.keptSpans += kept;
    row.droppedSpans += spans.length - kept;
    this.countRatios(spans, stays);
    for (const span of spans) {
      countSpan(this.seen, span);
      if (!stays(span)) countSpan(this.dropped, span);
    }
  }

  private countRatios(spans: readonly GatheredSpan[], stays: (span: GatheredSpan) => boolean): void {
    const sums = new Map<string, { bytes: Pair; spans: Pair }>();
    for (const span of spans) {
      const { service, bytes } = span;
      const weight = span.weight || 1;
      const sum = sums.get(service) ?? { bytes: { x: 0, d: 0 }, spans: { x: 0, d: 0 } };
      sums.set(service, sum);
      sum.bytes.x += weight * bytes;
      sum.spans.x += weight;
      if (stays(span)) continue;
      sum.bytes.d += weight * bytes;
      sum.spans.d += weight;
    }
    for (const [service, sum] of sums) {
      const row = this.ratios.get(service) ?? newRatio(service);
      this.ratios.set(service, row);
      row.units++;
      addUnit(row.bytes, sum.bytes);
      addUnit(row.spans, sum.spans);
    }
  }
}

interface Pair {
  x: number;
  d: number;
}

export function newRatio(service: string): RatioRow {
  const none = { x: 0, d: 0, xx: 0, xd: 0, dd: 0 };
  return { service, units: 0, bytes: { ...none }, spans: { ...none } };
}

/** Counts one unit of the sample. */
export function addUnit(moments: Moments, { x, d }: Pair): void {
  moments.x += x;
  moments.d += d;
  moments.xx += x * x;
  moments.xd += x * d;
  moments.dd += d * d;
}

function countSpan(rows: Map<string, GatheredUsage>, { service, bytes, weight, hash }: GatheredSpan): void {
  let row = rows.get(service);
  if (row === undefined) {
    const none = { spans: 0, bytes: 0, weighedSpans: 0, weighedBytes: 0, estimatedSpans: 0, estimatedBytes: 0 };
    row = { service, ...none, traceSums: new Float64Array(TRACE_SUMS) };
    rows.set(service, row);
  }
  row.spans++;
  row.bytes += bytes;
  weigh(row, weight, bytes, hash);
}

/** One root, and the parent of every other span. */
function isWhole(spans: readonly GatheredSpan[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return (
    spans.some(({ parentId }) => parentId === '') && spans.every(({ parentId }) => parentId === '' || ids.has(parentId))
  );
}
