import { numberOf, weighted } from '../check-digits.js';

/**
 * A Japanese corporate number: its first digit checks the others by weights 1 and 2 modulo 9 (National Tax Agency,
 * "Corporate Number").
 */
export function jpCorporateNumber(text: string): boolean {
  const d = numberOf(text, 13);
  return d !== null && 9 - (weighted(d, [0, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]) % 9) === d[0];
}
