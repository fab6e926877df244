import { isDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Polish PESEL number: a date of birth whose month tells the century, and weights 1, 3, 7, 9 modulo 10 (Act of 24
 * September 2010 on population registration).
 */
export function plPesel(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null) return false;
  const month = valueAt(d, 2, 2);
  const century = [1900, 2000, 2100, 2200, 1800][Math.floor(month / 20)]!;
  if (!isDay(century + valueAt(d, 0, 2), month % 20, valueAt(d, 4, 2))) return false;
  return weighted(d, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]) % 10 === 0;
}
