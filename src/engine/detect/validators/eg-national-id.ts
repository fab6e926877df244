import { isDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * The parts of an Egyptian national number: century, date of birth, and a governorate (Civil Status Organization; its
 * check digit is not published).
 */
export function egNationalId(text: string): boolean {
  const d = numberOf(text, 14);
  if (d === null || (d[0] !== 2 && d[0] !== 3)) return false;
  if (!isDay((d[0] === 2 ? 1900 : 2000) + valueAt(d, 1, 2), valueAt(d, 3, 2), valueAt(d, 5, 2))) return false;
  return /^.{7}(?:0[1-4]|1[1-9]|2[1-9]|3[1-5]|88)/.test(d.join(''));
}
