import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Brazilian voter number (título de eleitor): a state from 01 to 28, and two check digits modulo 11, of which a
 * remainder of 0 counts as 1 in São Paulo and Minas Gerais (TSE, Resolução 23.659/2021, Art. 36).
 */
export function brVoter(text: string): boolean {
  const d = numberOf(text, 12);
  if (d === null) return false;
  const state = valueAt(d, 8, 2);
  const check = (remainder: number): number => (remainder === 0 && state <= 2 ? 1 : remainder % 10);
  if (state < 1 || state > 28) return false;
  const first = check(weighted(d, [2, 3, 4, 5, 6, 7, 8, 9]) % 11);
  return first === d[10] && check((d[8]! * 7 + d[9]! * 8 + first * 9) % 11) === d[11];
}
