import { isShortDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * An Icelandic identification number: a date, whose day is 40 more for organisations, weights modulo 11, and a century
 * (Registers Iceland).
 */
export function isKennitala(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null || ![0, 8, 9].includes(d[9]!)) return false;
  if (!isShortDay(valueAt(d, 4, 2), valueAt(d, 2, 2), valueAt(d, 0, 2) % 40)) return false;
  return weighted(d, [3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
