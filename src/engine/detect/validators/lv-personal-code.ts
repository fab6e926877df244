import { isShortDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Latvian personal code: of a date of birth with a check digit modulo 11, or beginning with 32 and random (Population
 * Register Law, since July 2017).
 */
export function lvPersonalCode(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null) return false;
  if (valueAt(d, 0, 2) === 32) return true;
  if (!isShortDay(valueAt(d, 4, 2), valueAt(d, 2, 2), valueAt(d, 0, 2)) || d[6]! > 2) return false;
  return ((1 + weighted(d, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === d[10];
}
