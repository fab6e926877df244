/** Least numbers of characters of a kind that a value must hold to be worth a detector's pattern. */
export interface Shape {
  readonly digits: number;
  readonly dots: number;
  readonly colons: number;
  readonly dashes: number;
  readonly capitals: number;
}

/** The shape of values that are too long to be counted: it fits every detector. */
export const ANY_SHAPE = -1;
/** Counters have 8 bits. */
export const MAX_COUNTED = 255;

/** What one byte adds to the packed counters of digits, dots, colons and dashes. */
export const COUNTS = new Int32Array(256);
for (let c = 48; c <= 57; c++) COUNTS[c] = 1;
COUNTS[46] = 1 << 8;
COUNTS[58] = 1 << 16;
COUNTS[45] = 1 << 24;

export function fits(counts: number, capitals: number, least: Shape): boolean {
  if (capitals === ANY_SHAPE) return true;
  return (
    (counts & 255) >= least.digits &&
    ((counts >>> 8) & 255) >= least.dots &&
    ((counts >>> 16) & 255) >= least.colons &&
    counts >>> 24 >= least.dashes &&
    capitals >= least.capitals
  );
}
