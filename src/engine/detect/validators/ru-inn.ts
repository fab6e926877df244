import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Russian taxpayer number: ten digits of an organisation with one check digit, twelve of a person with two, weights
 * modulo 11 (FNS, order of 29 June 2012).
 */
export function ruInn(text: string): boolean {
  const d = numberOf(text, 10, 12);
  if (d === null || valueAt(d, 0, 2) === 0) return false;
  const check = (weights: readonly number[]): number => (weighted(d, weights) % 11) % 10;
  if (d.length === 10) return check([2, 4, 10, 3, 5, 9, 4, 6, 8]) === d[9];
  return check([7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === d[10] && check([3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]) === d[11];
}
