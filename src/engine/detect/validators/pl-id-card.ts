import { ALPHANUMERIC, compact, valuesIn, weighted } from '../check-digits.js';

/**
 * A Polish identity card number: letters as numbers from 10, weights 7, 3, 1 modulo 10 with the check digit in fourth
 * place (Ministry of Digital Affairs).
 */
export function plIdCard(text: string): boolean {
  const values = valuesIn(ALPHANUMERIC, compact(text));
  return values.length === 9 && weighted(values, [7, 3, 1, 9, 7, 3, 1, 7, 3]) % 10 === 0;
}
