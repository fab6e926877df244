import { numberOf, weighted } from '../check-digits.js';

/**
 * A Bulgarian personal number of a foreigner (LNCh): weights modulo 10 (Ministry of Interior, register of foreigners).
 */
export function bgPnf(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && weighted(d, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10 === d[9];
}
