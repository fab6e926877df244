import type { QualityBody } from '../model/quality.js';
import type { QuantileSketch } from '../model/quantile-sketch.js';
import type { Evidence } from './evidence.js';
import { effectiveSize, quantileInterval, wilson } from './intervals.js';

export const VERDICTS = ['pass', 'fail', 'insufficient_evidence', 'not_applicable'] as const;
export type Verdict = (typeof VERDICTS)[number];

export const UNITS = ['ratio', 'ms', 'spans', 'services', 'currency'] as const;
export type Unit = (typeof UNITS)[number];

/** What an indicator says of a group. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly value: number | null;
  /** Interval of 95 % around the value, wider where what was not seen could change it; null where there is none. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** How many traces, spans, resources, … the value is of. */
  readonly n: number;
  /** Why the verdict is not pass or fail, or what to know about it; may be empty. */
  readonly reason: string;
}

export interface Indicator {
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  /** The value must not be above it (`most`) or below it (`least`); null for information only. */
  readonly limit: { readonly most: number } | { readonly least: number } | null;
  /** What the value is divided by or taken over. */
  readonly of: string;
  readonly judge: (evidence: Evidence, limit: Indicator['limit']) => Judgement;
}

/** With fewer traces there is no verdict. */
export const LEAST_TRACES = 30;
const INFORMATION = 'for information; it has no limit';

export function notApplicable(reason: string): Judgement {
  return { verdict: 'not_applicable', value: null, interval: null, n: 0, reason };
}

export function insufficient(reason: string, n = 0): Judgement {
  return { verdict: 'insufficient_evidence', value: null, interval: null, n, reason };
}

export interface Share {
  /** How many have the fault, for certain, and of how many. */
  readonly with: number;
  readonly of: number;
  /** How many of them may or may not have it: what did not come whole. */
  readonly unknown?: number;
  /** Of how many what was counted may be wrong, either way. */
  readonly doubt?: number;
  /** Effective number of observations, where they come in clusters. */
  readonly effective?: number;
  /** Traces, or what else the verdict needs `LEAST_TRACES` of; null where it needs no number of them. */
  readonly traces: number | null;
  readonly none: string;
}

/**
 * The verdict on a share compares what was received: the least and the most that it can be, given what is unknown, lie
 * on the same side of the limit or there is no verdict. The interval says what that tells of all that was sent.
 */
export function judgeShare(share: Share, limit: Indicator['limit']): Judgement {
  const { with: x, of: n, unknown = 0, doubt = 0, effective = n, traces, none } = share;
  if (n === 0) return notApplicable(none);
  const low = Math.max(0, x - doubt) / n;
  const high = Math.min(n, x + unknown + doubt) / n;
  const interval = { low: wilson(low, effective).low, high: wilson(high, effective).high };
  const judged = { value: x / n, interval, n };
  if (limit === null) return { ...judged, verdict: 'not_applicable', reason: INFORMATION };
  if (traces !== null && traces < LEAST_TRACES) {
    return { ...judged, verdict: 'insufficient_evidence', reason: tooFew(traces) };
  }
  const [isLow, isHigh] = [low, high].map((v) => isWithin(v, limit));
  if (isLow === isHigh) return { ...judged, verdict: isLow ? 'pass' : 'fail', reason: '' };
  const reason = `${unknown + doubt} of ${n} did not come whole or came late, which could change the verdict`;
  return { ...judged, verdict: 'insufficient_evidence', reason };
}

export function tooFew(n: number): string {
  return `only ${n} were seen, and ${LEAST_TRACES} are needed`;
}

export function isWithin(value: number, limit: NonNullable<Indicator['limit']>): boolean {
  return 'most' in limit ? value <= limit.most : value >= limit.least;
}

/** A share of spans: they come in clusters, the traces. */
export function spanShare({ counts }: QualityBody<'service'>, x: number, n: number, none: string): Share {
  const effective = Math.min(n, effectiveSize(counts.spans, counts.spansSquared));
  return { with: x, of: n, effective, traces: Math.min(n, counts.traces), none };
}

/** Judges what needs whole traces, or says why it cannot. */
export function withWholeTraces(evidence: Evidence, judge: () => Judgement): Judgement {
  return evidence.notWhole === '' ? judge() : insufficient(evidence.notWhole, evidence.all.counts.traces);
}

export function judgeQuantile(
  histogram: QuantileSketch,
  q: number,
  limit: Indicator['limit'],
  none: string,
): Judgement {
  const value = histogram.quantile(q);
  if (value === null) return notApplicable(none);
  const judged = { value, interval: quantileInterval(histogram, q), n: histogram.count };
  if (limit === null) return { ...judged, verdict: 'not_applicable', reason: INFORMATION };
  if (histogram.count < LEAST_TRACES) {
    return { ...judged, verdict: 'insufficient_evidence', reason: tooFew(histogram.count) };
  }
  return { ...judged, verdict: isWithin(value, limit) ? 'pass' : 'fail', reason: '' };
}

/** A number that is what it is. */
export function judgeValue(value: number, n: number, limit: Indicator['limit'], reason = ''): Judgement {
  const judged = { value, interval: null, n };
  if (limit === null) return { ...judged, verdict: 'not_applicable', reason: reason || INFORMATION };
  return { ...judged, verdict: isWithin(value, limit) ? 'pass' : 'fail', reason };
}
