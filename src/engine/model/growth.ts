/** How the number of an attribute's distinct values grows with its observations. */
export const GROWTH_CLASSES = ['constant', 'enum', 'bounded', 'growing', 'unbounded', 'insufficient_evidence'] as const;
export type GrowthClass = (typeof GROWTH_CLASSES)[number];

/** An attribute from the beginning of a window up to the end of a part of it. */
export interface GrowthPoint {
  readonly observations: number;
  readonly distinct: number;
  /** Relative standard error of `distinct`; 0 where it is exact. */
  readonly standardError: number;
}

/** Over less than a quarter more observations even exact counts are no trend. */
const LEAST_GROWTH = 1.25;

/**
 * β of Heaps' law D ∝ n^β between two points, Δ ln D / Δ ln n; null where there are too few observations before or after to
 * tell. Its standard error is that of the two counts, as if they were independent, which overstates it.
 */
export function heapsExponent(
  first: GrowthPoint,
  last: GrowthPoint,
): { readonly value: number; readonly standardError: number } | null {
  if (first.observations === 0 || first.distinct === 0) return null;
  if (last.observations < first.observations * LEAST_GROWTH) return null;
  const span = Math.log(last.observations / first.observations);
  return {
    value: Math.max(0, Math.log(last.distinct / first.distinct) / span),
    standardError: Math.hypot(first.standardError, last.standardError) / span,
  };
}

export interface Growth {
  readonly class: GrowthClass;
  /** Δln(distinct)/Δln(observations), with an interval of 95 %; null where the data cannot say. */
  readonly rate: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Why the class is what it is, in a sentence. */
  readonly reason: string;
}
