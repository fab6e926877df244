import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * The parts of an Indonesian NIK: a province, and a date of birth whose day is 40 more for women (Permendagri 40/2019).
 */
export function idNik(text: string): boolean {
  const d = numberOf(text, 16);
  if (d === null || !/^(?:1[1-9]|21|3[1-6]|5[1-3]|6[1-5]|7[1-6]|8[12]|9[1-7])/.test(d.join(''))) return false;
  return isShortDay(valueAt(d, 10, 2), valueAt(d, 8, 2), valueAt(d, 6, 2) % 40);
}
