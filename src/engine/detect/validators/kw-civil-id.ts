import { isDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/** A Kuwaiti civil number: century, date of birth, and weights modulo 11 (Public Authority for Civil Information). */
export function kwCivilId(text: string): boolean {
  const d = numberOf(text, 12);
  if (d === null || d[0]! < 1 || d[0]! > 3) return false;
  if (!isDay(1700 + d[0]! * 100 + valueAt(d, 1, 2), valueAt(d, 3, 2), valueAt(d, 5, 2))) return false;
  return weighted(d, [2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0;
}
