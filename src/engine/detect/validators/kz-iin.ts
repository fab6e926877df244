import { isShortDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Kazakh individual number: a date of birth, a digit for sex and century, and one or two rounds of weights modulo 11
 * (Law 223 of 2007).
 */
export function kzIin(text: string): boolean {
  const d = numberOf(text, 12);
  if (d === null || d[6]! > 6 || !isShortDay(valueAt(d, 0, 2), valueAt(d, 2, 2), valueAt(d, 4, 2))) return false;
  const first = weighted(d, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
  if (first < 10) return first === d[11];
  return weighted(d, [3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11 === d[11];
}
