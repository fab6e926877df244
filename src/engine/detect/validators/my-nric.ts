import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * The parts of a Malaysian identity card number: a date of birth and a place of birth in use (National Registration
 * Department).
 */
export function myNric(text: string): boolean {
  const d = numberOf(text, 12);
  if (d === null || !isShortDay(valueAt(d, 0, 2), valueAt(d, 2, 2), valueAt(d, 4, 2))) return false;
  return ![0, 17, 18, 19, 20, 69, 70, 73, 80, 81, 94, 95, 96, 97].includes(valueAt(d, 6, 2));
}
