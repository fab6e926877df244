import { numberOf, weighted } from '../check-digits.js';

/** A Portuguese social security number: first digit 1 or 2, prime weights modulo 10 (Instituto da Segurança Social). */
export function ptNiss(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || d[0] === 0 || d[0]! > 2) return false;
  return 9 - (weighted(d, [29, 23, 19, 17, 13, 11, 7, 5, 3, 2]) % 10) === d[10];
}
