import { isDay } from '../calendar.js';
import { numberOf, valueAt, verhoeff } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * A Luxembourg national identification number: a date of birth, a Luhn and a Verhoeff check digit over the same eleven
 * (Law of 19 June 2013; CTIE).
 */
export function luMatricule(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null || valueAt(d, 0, 4) < 1850 || valueAt(d, 0, 4) > 2030) return false;
  if (!isDay(valueAt(d, 0, 4), valueAt(d, 4, 2), valueAt(d, 6, 2))) return false;
  return luhn(d.slice(0, 12).join('')) && verhoeff([...d.slice(0, 11), d[12]!]);
}
