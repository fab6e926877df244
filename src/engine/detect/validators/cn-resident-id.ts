import { isDay } from '../calendar.js';
import { compact, digitsOf, mod11To2, valueAt } from '../check-digits.js';

/**
 * A Chinese citizen identification number: a province, a date of birth, and a check character by ISO 7064 MOD 11-2, X for
 * ten (GB 11643-1999).
 */
export function cnResidentId(text: string): boolean {
  const number = compact(text);
  const d = digitsOf(number.slice(0, 17));
  if (number.length !== 18 || d.length !== 17) return false;
  if (!/^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/.test(number)) return false;
  const year = valueAt(d, 6, 4);
  return year >= 1900 && year < 2030 && isDay(year, valueAt(d, 10, 2), valueAt(d, 12, 2)) && mod11To2(number);
}
