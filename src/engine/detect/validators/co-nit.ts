import { numberOf, weighted } from '../check-digits.js';

/** A Colombian NIT with its check digit: prime weights from the right modulo 11 (DIAN, Orden Administrativa 4/1989). */
export function coNit(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null) return false;
  const remainder = weighted(d, [41, 37, 29, 23, 19, 17, 13, 7, 3]) % 11;
  return (remainder > 1 ? 11 - remainder : remainder) === d[9];
}
