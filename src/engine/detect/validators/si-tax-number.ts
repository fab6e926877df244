import { numberOf, weighted } from '../check-digits.js';

/**
 * A Slovenian tax number: first digit not 0, and weights 8 to 2 modulo 11 (Finančna uprava; OECD, TINs of Slovenia).
 */
export function siTaxNumber(text: string): boolean {
  const d = numberOf(text, 8);
  if (d === null || d[0] === 0) return false;
  const check = 11 - (weighted(d, [8, 7, 6, 5, 4, 3, 2]) % 11);
  return (check === 10 ? 0 : check) === d[7];
}
