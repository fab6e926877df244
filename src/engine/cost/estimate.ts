import type { Interval } from '../model/interval.js';
import { BUCKETS } from '../model/trace-sums.js';

export type { Interval } from '../model/interval.js';

/** A quantity that was estimated from sampled traces; estimates add up, with whatever traces they share. */
export interface Estimate {
  readonly value: number;
  /** Its sums by trace (`model/trace-sums.ts`); null where nothing is known of its error. */
  readonly sums: Float64Array | null;
}

/**
 * 97.5 % quantile of Student's t with 16 degrees of freedom, which are the buckets: the sum of their squares varies like a
 * χ² of as many degrees.
 */
export const T_QUANTILE = 2.1199;

export const EXACTLY_ZERO: Estimate = { value: 0, sums: new Float64Array(BUCKETS) };

export function exactly(value: number): Estimate {
  return { value, sums: EXACTLY_ZERO.sums };
}

/** a + factor · b */
export function plus(a: Estimate, b: Estimate, factor = 1): Estimate {
  const value = a.value + factor * b.value;
  if (a.sums === null || b.sums === null) return { value, sums: null };
  const sums = new Float64Array(BUCKETS);
  for (let i = 0; i < BUCKETS; i++) sums[i] = a.sums[i]! + factor * b.sums[i]!;
  return { value, sums };
}

/** Adds up many estimates in place. */
export class EstimateSum implements Estimate {
  value = 0;
  sums: Float64Array | null = new Float64Array(BUCKETS);

  add({ value, sums }: Estimate): void {
    this.addScaled(value, sums, 1);
  }

  /** Adds a value whose error is `factor` times the one of `sums`. */
  addScaled(value: number, sums: Float64Array | null, factor: number): void {
    this.value += value;
    if (sums === null) this.sums = null;
    if (this.sums === null || sums === null) return;
    for (let i = 0; i < BUCKETS; i++) this.sums[i]! += factor * sums[i]!;
  }
}

export function times(a: Estimate, factor: number): Estimate {
  return plus(EXACTLY_ZERO, a, factor);
}

export function standardError({ sums }: Estimate): number | null {
  return sums === null ? null : Math.sqrt(sums.reduce((sum, z) => sum + z * z, 0));
}

/**
 * The interval that holds the true value 95 % of the time; null where nothing is known of the error.
 *
 * @param least what is certain because it was received
 */
export function intervalOf(estimate: Estimate, least = 0): Interval | null {
  const error = standardError(estimate);
  if (error === null) return null;
  const half = T_QUANTILE * error;
  return {
    low: Math.max(Math.min(least, estimate.value), estimate.value - half),
    high: estimate.value + half,
  };
}

/**
 * Ratio calibration: an estimate, corrected by what is known exactly of another one that shares its errors. What is left
 * is the error of the share: exact · (y / x), with the residuals y − (ŷ / x̂) · x in the place of y (Särndal, Swensson and
 * Wretman, Model Assisted Survey Sampling, section 7.3).
 *
 * @param y what is wanted
 * @param x the estimate of what `exact` states
 */
export function calibrate(y: Estimate, x: Estimate, exact: number): Estimate {
  if (x.value === 0) return y;
  const factor = exact / x.value;
  const { sums } = plus(y, x, -y.value / x.value);
  return times({ value: y.value, sums }, factor);
}
