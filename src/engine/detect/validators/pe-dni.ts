import { compact, numberOf, weighted } from '../check-digits.js';

/** A Peruvian identity number with its check character: weights modulo 11, as a digit or a letter (RENIEC). */
export function peDni(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number.slice(0, 8), 8);
  if (d === null) return false;
  const remainder = weighted(d, [3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return '65432110987'[remainder] === number[8] || 'KJIHGFEDCBA'[remainder] === number[8];
}
