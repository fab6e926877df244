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

export interface Growth {
  readonly class: GrowthClass;
  /** Δln(distinct)/Δln(observations), with an interval of 95 %; null where the data cannot say. */
  readonly rate: { readonly value: number; readonly low: number; readonly high: number } | null;
  /** Why the class is what it is, in a sentence. */
  readonly reason: string;
}
