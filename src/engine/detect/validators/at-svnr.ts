import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * An Austrian social insurance number: check digit in fourth place by weights modulo 11, and a date of birth, whose month
 * goes to 15 where the numbers of a day are used up (ASVG §31; Dachverband der Sozialversicherungsträger).
 */
export function atSvnr(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null || d[0] === 0) return false;
  const [day, month] = [valueAt(d, 4, 2), valueAt(d, 6, 2)];
  if (day < 1 || day > 31 || month < 1 || month > 15) return false;
  return weighted(d, [3, 7, 9, 0, 5, 8, 4, 2, 1, 6]) % 11 === d[3];
}
