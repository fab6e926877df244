import type { QuantileSketch } from '../model/quantile-sketch.js';

/** 97.5 % of a normal distribution lie below it: both sides together leave out 5 %. */
const Z = 1.959963984540054;

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Interval of 95 % for a share, by E. B. Wilson, "Probable inference, the law of succession, and statistical inference"
 * (1927): holds for shares near 0 and for small numbers as well.
 *
 * @param n observations; where they come in clusters, the effective number of them
 */
export function wilson(share: number, n: number): Interval {
  if (n <= 0) return { low: 0, high: 1 };
  const z2 = Z * Z;
  const centre = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Effective number of observations where those of one cluster may all say the same: (Σm)²/Σm² for clusters of sizes m
 * (L. Kish, Survey Sampling, 1965, §8.2, with an intraclass correlation of 1). Spans of one trace are such a cluster.
 */
export function effectiveSize(sum: number, sumOfSquares: number): number {
  return sumOfSquares === 0 ? 0 : (sum * sum) / sumOfSquares;
}

/** Interval of 95 % for a quantile: the values at the ranks nq ± z√(nq(1−q)), wider by the histogram's own error. */
export function quantileInterval(histogram: QuantileSketch, q: number): Interval {
  const half = Z * Math.sqrt((q * (1 - q)) / Math.max(1, histogram.count));
  const error = (histogram.constructor as typeof QuantileSketch).ERROR;
  return {
    low: (histogram.quantile(Math.max(0, q - half)) ?? 0) * (1 - error),
    high: (histogram.quantile(Math.min(1, q + half)) ?? 0) * (1 + error),
  };
}
