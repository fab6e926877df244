import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Russian pension insurance number: weights 9 to 1 modulo 101, above the numbers of before the check (Social Fund of
 * Russia).
 */
export function ruSnils(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || valueAt(d, 0, 9) <= 1_001_998) return false;
  return (weighted(d, [9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101) % 100 === valueAt(d, 9, 2);
}
