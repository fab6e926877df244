import { digitsOf, numberOf, weighted } from '../check-digits.js';

/** A Romanian company number: weights from the right modulo 11 (Legea 359/2004; Ministerul Finanțelor). */
export function roCui(text: string): boolean {
  const given = numberOf(text, 6, 7, 8, 9, 10);
  if (given === null || given[0] === 0) return false;
  const d = digitsOf(given.join('').padStart(10, '0'));
  return ((weighted(d, [7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10) % 11) % 10 === d[9];
}
