import { numberOf, weighted } from '../check-digits.js';

/**
 * A Brazilian CPF: two check digits modulo 11, and not one digit over and over (Receita Federal, IN RFB 2.172/2024).
 */
export function brCpf(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null) return false;
  const check = (weights: readonly number[]): number => ((weighted(d, weights) * 10) % 11) % 10;
  return check([10, 9, 8, 7, 6, 5, 4, 3, 2]) === d[9] && check([11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) === d[10];
}
