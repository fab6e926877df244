import { numberOf, weighted } from '../check-digits.js';

/**
 * A Japanese individual number (My Number): weights modulo 11 (Ordinance 85 of the Ministry of Internal Affairs, 2014,
 * Art. 5).
 */
export function jpMyNumber(text: string): boolean {
  const d = numberOf(text, 12);
  if (d === null) return false;
  const remainder = weighted(d, [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (remainder < 2 ? 0 : 11 - remainder) === d[11];
}
