/** Bounds of an estimate; of 95 % where nothing else is said. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}
