import { numberOf, weighted } from '../check-digits.js';

/**
 * A Turkish identity number: two check digits modulo 10, one over odd and even places, one over the sum (Nüfus ve
 * Vatandaşlık İşleri Genel Müdürlüğü).
 */
export function trTckn(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || d[0] === 0) return false;
  // Minus one is nine modulo 10, which keeps the sum positive.
  if (weighted(d, [7, 9, 7, 9, 7, 9, 7, 9, 7]) % 10 !== d[9]) return false;
  return weighted(d, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]) % 10 === d[10];
}
