import { numberOf, valueAt, weighted } from '../check-digits.js';

/** A Peruvian taxpayer number: prefix 10, 15, 16, 17 or 20, and weights modulo 11 (SUNAT). */
export function peRuc(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || ![10, 15, 16, 17, 20].includes(valueAt(d, 0, 2))) return false;
  return (11 - (weighted(d, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === d[10];
}
