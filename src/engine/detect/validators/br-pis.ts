import { numberOf, weighted } from '../check-digits.js';

/** A Brazilian PIS, PASEP or NIT number: weights modulo 11 (Caixa Econômica Federal, NIS). */
export function brPis(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null) return false;
  const check = 11 - (weighted(d, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) % 11);
  return (check > 9 ? 0 : check) === d[10];
}
