import { ALPHANUMERIC, compact, numberOf, valuesIn, weighted } from '../check-digits.js';

/**
 * A Hong Kong identity card number: one or two letters as numbers from 10, weights 9 to 1 modulo 11, A for ten
 * (Immigration Department).
 */
export function hkId(text: string): boolean {
  const number = compact(text).padStart(9, ' ');
  const values = valuesIn(`${ALPHANUMERIC} `, number);
  return numberOf(number.slice(2, 8), 6) !== null && weighted(values, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
