import { isShortDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Hungarian personal identifier: a digit for sex and century, a date of birth, and a check digit by weights modulo 11,
 * that run the other way for births from 1997 on (Act XX of 1996, annex).
 */
export function huPersonalId(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || d[0]! < 1 || d[0]! > 8) return false;
  if (!isShortDay(valueAt(d, 1, 2), valueAt(d, 3, 2), valueAt(d, 5, 2))) return false;
  const recent = d[0] === 3 || d[0] === 4 || valueAt(d, 1, 2) >= 97;
  return weighted(d, recent ? [10, 9, 8, 7, 6, 5, 4, 3, 2, 1] : [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) % 11 === d[10];
}
