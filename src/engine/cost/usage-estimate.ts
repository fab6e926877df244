import { BUCKETS } from '../model/trace-sums.js';
import { calibrate, type Estimate, plus } from './estimate.js';

/** Usage of a service in an environment, with what it stands for as far as spans say so. */
export interface SampledUsage {
  readonly service: string;
  readonly environment: string;
  readonly spans: number;
  readonly bytes: number;
  readonly weighedSpans: number;
  readonly weighedBytes: number;
  readonly estimatedSpans: number;
  readonly estimatedBytes: number;
  /** BUCKETS sums of spans, then BUCKETS of bytes; of spans whose weight is known, and of the others. */
  readonly knownSums: readonly number[];
  readonly unknownSums: readonly number[];
}

export interface UsageEstimate {
  readonly service: string;
  readonly environment: string;
  readonly receivedSpans: number;
  readonly receivedBytes: number;
  readonly spans: Estimate;
  readonly bytes: Estimate;
}

/** Spans and bytes of a service that were counted exactly elsewhere. */
export interface ExactCount {
  readonly spans: number | null;
  readonly bytes: number | null;
}

/** @param probability of a trace to be kept, for spans that do not say it; null where it is not known */
export function estimateUsage(row: SampledUsage, probability: number | null): UsageEstimate {
  const weight = probability === null ? 1 : 1 / probability;
  const unknownSpans = row.spans - row.weighedSpans;
  const isKnown = unknownSpans === 0 || probability !== null;
  const spread = Math.sqrt(weight * (weight - 1));
  const sums = (first: number): Float64Array | null => {
    if (!isKnown) return null;
    return Float64Array.from({ length: BUCKETS }, (_, i) => {
      return (row.knownSums[first + i] ?? 0) + spread * (row.unknownSums[first + i] ?? 0);
    });
  };
  const { service, environment, spans: receivedSpans, bytes: receivedBytes } = row;
  return {
    ...{ service, environment, receivedSpans, receivedBytes },
    spans: { value: row.estimatedSpans + weight * unknownSpans, sums: sums(0) },
    bytes: { value: row.estimatedBytes + weight * (row.bytes - row.weighedBytes), sums: sums(BUCKETS) },
  };
}

/**
 * Rows whose sum is known exactly: only their shares are left to the sample. Spans that do not say what they stand for count
 * as sampled at the rate that the counter shows.
 */
export function calibrateUsage(
  rows: readonly SampledUsage[],
  exact: ExactCount,
  probabilityOf: (service: string) => number | null,
): UsageEstimate[] {
  const sum = (of: (row: SampledUsage) => number): number => rows.reduce((total, row) => total + of(row), 0);
  const received = exact.spans === null ? sum((row) => row.bytes) : sum((row) => row.spans);
  const implied = Math.min(1, received / (exact.spans ?? exact.bytes ?? received));
  const estimates = rows.map((row) => estimateUsage(row, probabilityOf(row.service) ?? implied));
  if (estimates.length === 0) return [];
  const spans = estimates.map((row) => row.spans).reduce((a, b) => plus(a, b));
  const bytes = estimates.map((row) => row.bytes).reduce((a, b) => plus(a, b));
  const correct = (
    y: Estimate,
    own: number | null,
    ofOwn: Estimate,
    other: number | null,
    ofOther: Estimate,
  ): Estimate => (own !== null ? calibrate(y, ofOwn, own) : other !== null ? calibrate(y, ofOther, other) : y);
  return estimates.map((row) => ({
    ...row,
    spans: correct(row.spans, exact.spans, spans, exact.bytes, bytes),
    bytes: correct(row.bytes, exact.bytes, bytes, exact.spans, spans),
  }));
}

/** A part of what a service sends, such as an attribute: its received bytes, and how often it was seen. */
export interface UsagePart {
  readonly group: string;
  readonly observations: number;
  readonly bytes: number;
}

/**
 * The error of a part's count of spans, as a factor of that of its service. Parts have no sums by trace of their own; theirs
 * is that of the count of spans, at the part's mean size, wider the rarer the part is (the design effect of the service
 * holds for it).
 */
export function errorOfPart(row: UsageEstimate, part: UsagePart): number {
  if (part.observations === 0) return 1;
  const rate = part.observations / Math.max(1, row.receivedSpans);
  return Math.sqrt(rate * Math.max(1, rate));
}
