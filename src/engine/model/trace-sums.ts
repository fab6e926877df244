import type { UsageRow } from './rollup.js';

/**
 * Sums by trace, from which the error of an estimate follows. Whole traces are kept or dropped, so the variance of a
 * Horvitz–Thompson total is Σ over traces of w(w−1)x², where x adds up all spans of the trace, in whatever request and
 * service they came. That is a second moment, and it has a mergeable sketch (Alon, Matias and Szegedy 1996; in this form
 * Charikar, Chen and Farach-Colton 2002): each trace has a bucket and a sign that follow from its id, buckets add up
 * sign · √(w(w−1)) · x span by span, and the sum of their squares is an unbiased estimate. Buckets of rows that share
 * traces are added before they are squared.
 */
export const BUCKETS = 16;

/** Places in `UsageRow.traceSums`; spans whose weight is not known count with 1 in the place of √(w(w−1)). */
export const KNOWN_SPANS = 0;
export const KNOWN_BYTES = BUCKETS;
export const UNKNOWN_SPANS = 2 * BUCKETS;
export const UNKNOWN_BYTES = 3 * BUCKETS;
export const TRACE_SUMS = 4 * BUCKETS;

/** What is counted of spans by what they stand for. */
export type Weighed = Pick<
  UsageRow,
  'weighedSpans' | 'weighedBytes' | 'estimatedSpans' | 'estimatedBytes' | 'traceSums'
>;

/**
 * Counts one span.
 *
 * @param weight how many spans it stands for, at least 1; 0 where that is not known
 * @param hash of its trace id
 */
export function weigh(row: Weighed, weight: number, bytes: number, hash: number): void {
  const at = hash & (BUCKETS - 1);
  const sign = hash < 0 ? -1 : 1;
  const sums = row.traceSums;
  if (weight === 0) {
    sums[UNKNOWN_SPANS + at]! += sign;
    sums[UNKNOWN_BYTES + at]! += sign * bytes;
    return;
  }
  row.weighedSpans++;
  row.weighedBytes += bytes;
  row.estimatedSpans += weight;
  row.estimatedBytes += weight * bytes;
  const spread = sign * Math.sqrt(weight * (weight - 1));
  sums[KNOWN_SPANS + at]! += spread;
  sums[KNOWN_BYTES + at]! += spread * bytes;
}

/** Hash of a trace id, 32 bits, the same in every process; 0 where there is none (offset -1). */
export function traceHash(bytes: Uint8Array, offset: number): number {
  if (offset < 0) return 0;
  let h = 0;
  for (let i = offset; i < offset + 16; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    h = Math.imul(h ^ word, 0x9e3779b1);
    h ^= h >>> 15;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
