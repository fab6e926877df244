import { isShortDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Norwegian birth or D number: a date, whose day is 40 more in D numbers, and two check digits modulo 11
 * (Skatteetaten, "Fødselsnummer").
 */
export function noBirthNumber(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || !isShortDay(valueAt(d, 4, 2), valueAt(d, 2, 2) % 40, valueAt(d, 0, 2) % 40)) return false;
  if (weighted(d, [3, 7, 6, 1, 8, 9, 4, 5, 2, 1]) % 11 !== 0) return false;
  return weighted(d, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
