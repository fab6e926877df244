import { numberOf, weighted } from '../check-digits.js';

/** A Portuguese taxpayer number: a first digit in use, and weights 9 to 2 modulo 11 (Decreto-Lei 14/2013). */
export function ptNif(text: string): boolean {
  const d = numberOf(text, 9);
  if (d === null || d[0] === 0 || (d[0] === 4 && d[1] !== 5)) return false;
  return ((11 - (weighted(d, [9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 11) % 10 === d[8];
}
