import { numberOf, weighted } from '../check-digits.js';

/** A Hungarian personal tax number: first digit 8, and weights 1 to 9 modulo 11 (Act CL of 2017, annex 1). */
export function huTaxId(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && d[0] === 8 && weighted(d, [1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 === d[9];
}
