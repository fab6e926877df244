import { numberOf, weighted } from '../check-digits.js';

/**
 * A Korean resident or foreigner registration number with the check digit modulo 11 that numbers had until October 2020
 * (Ministry of the Interior and Safety).
 */
export function krRrnCheck(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null) return false;
  const foreign = d[6]! >= 5 && d[6]! <= 8;
  return ((foreign ? 13 : 11) - (weighted(d, [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11)) % 10 === d[12];
}
