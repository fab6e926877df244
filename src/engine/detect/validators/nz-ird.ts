import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A New Zealand IRD number: in the range given out, and one or two rounds of weights modulo 11 (Inland Revenue,
 * "Resident withholding tax specification").
 */
export function nzIrd(text: string): boolean {
  const given = numberOf(text, 8, 9);
  if (given === null) return false;
  const d = given.length === 8 ? [0, ...given] : given;
  const value = valueAt(d, 0, 9);
  if (value < 10_000_000 || value > 150_000_000) return false;
  const check = (weights: readonly number[]): number => (11 - (weighted(d, weights) % 11)) % 11;
  const first = check([3, 2, 7, 6, 5, 4, 3, 2]);
  return (first === 10 ? check([7, 4, 3, 2, 5, 2, 7, 6]) : first) === d[8];
}
