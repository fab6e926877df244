import { numberOf, weighted } from '../check-digits.js';

/** A Norwegian organisation number: first digit 8 or 9, weights modulo 11 (Brønnøysundregistrene). */
export function noOrganisationNumber(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && d[0]! >= 8 && weighted(d, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
