import { isDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * An Estonian or Lithuanian personal code: a digit for sex and century, a date of birth, and a check digit by one or two
 * rounds of weights modulo 11 (EVS 585:2007; Lithuanian law I-1456, Art. 8).
 */
export function eeLtPersonalCode(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || d[0]! < 1 || d[0]! > 8) return false;
  const century = 1800 + 100 * Math.floor((d[0]! - 1) / 2);
  if (!isDay(century + valueAt(d, 1, 2), valueAt(d, 3, 2), valueAt(d, 5, 2))) return false;
  const first = weighted(d, [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
  if (first < 10) return first === d[10];
  return (weighted(d, [3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11) % 10 === d[10];
}
