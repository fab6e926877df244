import type { Sketch } from '../model/sketch.js';

/** A number of distinct names with its relative standard error, 0 where it is exact. */
export interface Distinct {
  readonly estimate: number;
  readonly standardError: number;
}

/** How fast distinct names grow with spans: β of Heaps' law D ∝ n^β, and its standard error. */
export interface Growth {
  readonly beta: number;
  readonly standardError: number;
}

/** What was counted in a stretch of time. */
export interface Counted {
  readonly spans: number;
  readonly distinct: Distinct;
}

/** Spans of the whole per span of its earlier part, from which on the two can be compared. */
const MIN_RATIO = 1.25;

export function distinctOf(sketch: Sketch): Distinct {
  const { distinct, standardError } = sketch.estimate();
  return { estimate: distinct, standardError };
}

/**
 * β = Δ ln D / Δ ln n between the earlier part of a stretch and all of it; null where there are too few spans before or
 * after to tell. Its error is that of the two estimates, as if they were independent, which overstates it.
 */
export function growthOf(earlier: Counted, all: Counted): Growth | null {
  if (earlier.spans === 0 || earlier.distinct.estimate === 0 || all.spans < earlier.spans * MIN_RATIO) return null;
  const span = Math.log(all.spans / earlier.spans);
  const beta = Math.max(0, Math.log(all.distinct.estimate / earlier.distinct.estimate) / span);
  return { beta, standardError: Math.hypot(earlier.distinct.standardError, all.distinct.standardError) / span };
}
