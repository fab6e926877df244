import { numberOf, valueAt } from '../check-digits.js';

/**
 * A Sri Lankan identity card number, of 12 digits or of nine with a V or X: year and day of birth, the day 500 more for
 * women (Department for Registration of Persons).
 */
export function lkNic(text: string): boolean {
  const d = numberOf(text, 9, 12);
  if (d === null) return false;
  const year = d.length === 9 ? 1900 + valueAt(d, 0, 2) : valueAt(d, 0, 4);
  const day = valueAt(d, d.length === 9 ? 2 : 4, 3) % 500;
  return year >= 1900 && year < 2030 && day >= 1 && day <= 366;
}
