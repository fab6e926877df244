import { isDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Romanian personal numeric code: sex and century, a date of birth, a county, and weights modulo 11 (OUG 97/2005, HG
 * 295/2021).
 */
export function roCnp(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null || d[0] === 0) return false;
  const century = [1900, 1900, 1800, 1800, 2000, 2000, 1900, 1900, 1900][d[0]! - 1]!;
  if (!isDay(century + valueAt(d, 1, 2), valueAt(d, 3, 2), valueAt(d, 5, 2))) return false;
  const county = valueAt(d, 7, 2);
  if (county === 0 || (county > 52 && county !== 70 && county < 80)) return false;
  const remainder = weighted(d, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
  return (remainder === 10 ? 1 : remainder) === d[12];
}
