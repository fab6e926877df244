import { numberOf } from '../check-digits.js';

/**
 * A US individual taxpayer number: first digit 9, and fourth and fifth of 50 to 65, 70 to 88, 90 to 92 or 94 to 99
 * (IRS, Publication 1915).
 */
export function usItin(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && /^9..(?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])/.test(d.join(''));
}
