import { type GrowthPoint, heapsExponent } from '../model/growth.js';
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

export function distinctOf(sketch: Sketch): Distinct {
  const { distinct, standardError } = sketch.estimate();
  return { estimate: distinct, standardError };
}

/** β between the earlier part of a stretch and all of it; null where there are too few spans before or after to tell. */
export function growthOf(earlier: Counted, all: Counted): Growth | null {
  const exponent = heapsExponent(pointOf(earlier), pointOf(all));
  return exponent && { beta: exponent.value, standardError: exponent.standardError };
}

function pointOf({ spans, distinct }: Counted): GrowthPoint {
  return { observations: spans, distinct: distinct.estimate, standardError: distinct.standardError };
}
