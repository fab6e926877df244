import { isDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Bulgarian uniform civil number: a date of birth whose month is 20 more for the 19th and 40 more for the 21st century,
 * and a check digit by weights modulo 11 (Civil Registration Act, Art. 11; GRAO).
 */
export function bgEgn(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null) return false;
  const month = valueAt(d, 2, 2);
  const century = month > 40 ? 2000 : month > 20 ? 1800 : 1900;
  if (!isDay(century + valueAt(d, 0, 2), month % 20, valueAt(d, 4, 2))) return false;
  return (weighted(d, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10 === d[9];
}
