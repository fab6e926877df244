import { numberOf, weighted } from '../check-digits.js';

/** An Australian Company Number: weights 8 to 1 modulo 10 (ASIC, "Australian Company Number digit check"). */
export function auAcn(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && (10 - (weighted(d, [8, 7, 6, 5, 4, 3, 2, 1]) % 10)) % 10 === d[8];
}
