import { numberOf, weighted } from '../check-digits.js';

/**
 * An Australian tax file number of nine digits, or of the older eight: weights modulo 11 (Australian Taxation Office,
 * TFN algorithm).
 */
export function auTfn(text: string): boolean {
  const d = numberOf(text, 8, 9);
  if (d === null) return false;
  return weighted(d, d.length === 9 ? [1, 4, 3, 7, 5, 8, 6, 9, 10] : [10, 7, 8, 4, 6, 3, 5, 1]) % 11 === 0;
}
