import { isDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * A Finnish personal identity code: a date of birth with the sign of its century, and a check character by the nine digits
 * modulo 31 (Digital and Population Data Services Agency, with the signs added in 2023).
 */
export function fiHetu(text: string): boolean {
  const d = numberOf(text.slice(0, 10), 9);
  if (d === null || text.length !== 11) return false;
  const century = text[6] === '+' ? 1800 : '-YXWVU'.includes(text[6]!) ? 1900 : 2000;
  if (!isDay(century + valueAt(d, 4, 2), valueAt(d, 2, 2), valueAt(d, 0, 2))) return false;
  return '0123456789ABCDEFHJKLMNPRSTUVWXY'[valueAt(d, 0, 9) % 31] === text[10]!.toUpperCase();
}
