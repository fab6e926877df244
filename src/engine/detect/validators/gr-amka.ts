import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';
import { luhn } from './luhn.js';

/** A Greek social security number (AMKA): a date of birth and a Luhn check digit (IDIKA). */
export function grAmka(text: string): boolean {
  const d = numberOf(text, 11);
  return d !== null && isShortDay(valueAt(d, 4, 2), valueAt(d, 2, 2), valueAt(d, 0, 2)) && luhn(text);
}
