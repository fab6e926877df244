import { numberOf, weighted } from '../check-digits.js';

/** An Iranian national code: weights 10 to 2 modulo 11 (National Organization for Civil Registration). */
export function irNationalId(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null) return false;
  const remainder = weighted(d, [10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
  return (remainder < 2 ? remainder : 11 - remainder) === d[9];
}
