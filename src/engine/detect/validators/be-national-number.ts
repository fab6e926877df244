import { numberOf, valueAt } from '../check-digits.js';

/**
 * A Belgian national register or BIS number: 97 less the first nine digits modulo 97, with a 2 before them for births from
 * 2000 on; the month is 20 or 40 more in BIS numbers, and month and day are 0 where unknown (Royal Decree of 3 April 1984).
 */
export function beNationalNumber(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || valueAt(d, 2, 2) >= 60 || valueAt(d, 2, 2) % 20 > 12 || valueAt(d, 4, 2) > 31) return false;
  const [body, check] = [valueAt(d, 0, 9), valueAt(d, 9, 2)];
  return check === 97 - (body % 97) || check === 97 - ((body + 2_000_000_000) % 97);
}
