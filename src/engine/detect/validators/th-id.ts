import { numberOf, weighted } from '../check-digits.js';

/** A Thai citizen number: first digit not 0, weights 13 to 2 modulo 11 (Department of Provincial Administration). */
export function thId(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null || d[0] === 0) return false;
  return (11 - (weighted(d, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === d[12];
}
