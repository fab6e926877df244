import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * A Swedish personal identity number: a date of birth, and a Luhn check digit over the last ten digits (Skatteverket,
 * SKV 704).
 */
export function sePersonalNumber(text: string): boolean {
  const d = numberOf(text, 10, 12)?.slice(-10);
  if (d === undefined) return false;
  return isShortDay(valueAt(d, 0, 2), valueAt(d, 2, 2), valueAt(d, 4, 2)) && luhn(d.join(''));
}
