import { numberOf, weighted } from '../check-digits.js';

/**
 * A Danish civil registration number with a check digit modulo 11, which numbers of some days since 2007 do not have
 * (CPR-kontoret).
 */
export function dkCprCheck(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && weighted(d, [4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
