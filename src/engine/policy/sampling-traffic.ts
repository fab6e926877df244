import { QuantileSketch } from '../model/quantile-sketch.js';
import type { KeepRules, SamplingStage } from '../model/sampling.js';
import { type OperationTraffic, rateLookup, type SamplingRates } from './sampling-budget.js';

/** What was counted in a window of the traces that an operation begins. */
export interface OperationTraces {
  readonly service: string;
  /** Template of root span names; '' for all that no policy can name. */
  readonly operation: string;
  readonly traces: number;
  readonly spans: number;
  /** Sum of the squared numbers of spans by trace. */
  readonly spansSquared: number;
  readonly bytes: number;
  /** Traces with an error, and their spans. */
  readonly errorTraces: number;
  readonly errorSpans: number;
  /** Of the other traces: milliseconds from the first start to the last end. */
  readonly okDurations: QuantileSketch;
  /** How many traces each stands for, leaving aside what the policy in question has dropped. */
  readonly weight: number;
}

/** By service: the sampling policy that had dropped some of its traces before they were counted; null for none. */
export type InForce = (service: string) => SamplingInForce | null;

export const NOT_SAMPLED: InForce = () => null;

/** A sampling policy that had dropped some of the traces before they were counted. */
export interface SamplingInForce {
  readonly stage: SamplingStage;
  readonly keep: KeepRules;
  readonly rates: SamplingRates;
}

/** Traces, spans and bytes; any of them may be a fraction where they were estimated. */
export interface Volume {
  readonly traces: number;
  readonly spans: number;
  readonly bytes: number;
}

/** What an operation begins before anything is dropped, by what rules say of it. Each trace is of the first class it fits. */
export interface OperationEstimate {
  readonly service: string;
  readonly operation: string;
  /** Traces that were counted: the evidence. */
  readonly seen: number;
  readonly classes: Readonly<Record<TraceClass, Volume>>;
  /** Mean of the squared number of spans of a trace. */
  readonly meanSquare: number;
  /** How many traces an ordinary one that was counted stands for. */
  readonly weight: number;
}

/** Those of the first three are always kept where a policy says so. */
export const TRACE_CLASSES = ['error', 'slow', 'critical', 'ordinary'] as const;
export type TraceClass = (typeof TRACE_CLASSES)[number];

/** What a span and a byte cost in the unit of a budget. */
export interface UnitCost {
  readonly perSpan: number;
  readonly perByte: number;
}

/** Traces below which nothing is said of an operation: a share of them would be off by a third and more. */
export const LEAST_TRACES = 30;

/** What operations begin before the policies in force drop any of it, by the rules of a policy of a stage. */
export function estimateTraffic(
  list: readonly OperationTraces[],
  keep: KeepRules,
  stage: SamplingStage,
  inForce: InForce,
): OperationEstimate[] {
  return list.filter(({ traces }) => traces > 0).map((traces) => estimate(traces, keep, stage, inForce));
}

function estimate(seen: OperationTraces, keep: KeepRules, stage: SamplingStage, inForce: InForce): OperationEstimate {
  const { service, operation, traces, spans, errorTraces, errorSpans } = seen;
  const weights = weightsOf(seen, inForce);
  const bytesPerSpan = spans === 0 ? 0 : seen.bytes / spans;
  const volume = (n: number, of: number): Volume => ({ traces: n, spans: of, bytes: of * bytesPerSpan });
  const durations = reweighed(seen, weights);
  const spansOfOk = (spans - errorSpans) / Math.max(1, traces - errorTraces);
  const ok = volume(durations.count, durations.count * spansOfOk);
  const errors = volume(errorTraces * weights.error, errorSpans * weights.error);
  // Only a collector that has the whole trace knows its errors and how long it took.
  const isTail = stage === 'tail';
  const error = isTail && keep.errors ? errors : NOTHING;
  const all = minus(total([ok, errors]), error);
  const isAsked = isTail && keep.slowerThanMs !== null && durations.count > 0;
  const slow = isAsked ? scaled(all, durations.countAbove(keep.slowerThanMs) / durations.count) : NOTHING;
  const rest = minus(all, slow);
  const critical = stage !== 'collector' && isCritical(operation, keep) ? rest : NOTHING;
  return {
    ...{ service, operation, seen: traces, weight: weights.ordinary },
    classes: { error, slow, critical, ordinary: minus(rest, critical) },
    meanSquare: seen.spansSquared / traces,
  };
}

/** How many traces one that was counted stands for, by what it was kept for. */
interface Weights {
  readonly error: number;
  /** Longer than the limit, in milliseconds; null where length was no reason to keep. */
  readonly slow: number;
  readonly limit: number | null;
  readonly ordinary: number;
}

function weightsOf({ service, operation, weight }: OperationTraces, inForce: InForce): Weights {
  const policy = inForce(service);
  if (policy === null) return { error: weight, slow: weight, limit: null, ordinary: weight };
  const { stage, keep, rates } = policy;
  const isKept = stage !== 'collector' && isCritical(operation, keep);
  const ordinary = isKept ? weight : weight / rateLookup(rates)({ service, operation });
  const isTail = stage === 'tail';
  return {
    ...{ error: isTail && keep.errors ? weight : ordinary, slow: weight, ordinary },
    limit: isTail ? keep.slowerThanMs : null,
  };
}

function isCritical(operation: string, { critical }: KeepRules): boolean {
  return critical.some((route) => route.kind === 'name' && route.name === operation);
}

/** Durations of what there was: those that a policy always kept stand for fewer traces than the others. */
function reweighed({ okDurations }: OperationTraces, { limit, slow, ordinary }: Weights): QuantileSketch {
  const sketch = new QuantileSketch();
  sketch.mergeWeighted(okDurations, (ms) => (limit !== null && ms > limit ? slow : ordinary));
  return sketch;
}

/** The milliseconds that a share of all traces without errors does not exceed, rounded up; null where there are none. */
export function slowLimit(list: readonly OperationTraces[], percentile: number, inForce: InForce): number | null {
  const all = new QuantileSketch();
  for (const traces of list) all.merge(reweighed(traces, weightsOf(traces, inForce)));
  const value = all.quantile(percentile / 100);
  return value === null ? null : Math.max(1, Math.ceil(value));
}

/** In the form that the allocation takes. An operation with too few traces is kept whole. */
export function trafficOf(
  estimates: readonly OperationEstimate[],
  seconds: number,
  unit: UnitCost,
): OperationTraffic[] {
  return estimates.map(({ service, operation, seen, classes }) => {
    const all = total(TRACE_CLASSES.map((name) => classes[name]));
    const cost = costOf(all, unit);
    return {
      ...{ service, operation, tracesPerSecond: all.traces / seconds },
      costPerTrace: all.traces === 0 ? 0 : cost / all.traces,
      alwaysKept: cost === 0 ? 0 : 1 - costOf(classes.ordinary, unit) / cost,
      ...((seen < LEAST_TRACES || operation === '') && { least: 1 }),
    };
  });
}

export function costOf({ spans, bytes }: Volume, { perSpan, perByte }: UnitCost): number {
  return spans * perSpan + bytes * perByte;
}

export const NOTHING: Volume = { traces: 0, spans: 0, bytes: 0 };

export function total(volumes: readonly Volume[]): Volume {
  return volumes.reduce(
    (a, b) => ({ traces: a.traces + b.traces, spans: a.spans + b.spans, bytes: a.bytes + b.bytes }),
    NOTHING,
  );
}

export function scaled({ traces, spans, bytes }: Volume, factor: number): Volume {
  return { traces: traces * factor, spans: spans * factor, bytes: bytes * factor };
}

export function minus(a: Volume, b: Volume): Volume {
  return total([a, scaled(b, -1)]);
}
