import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Ukrainian taxpayer card number: days from 1899-12-31 to the birth of somebody who can be alive, and weights modulo
 * 11 (State Tax Service, order 822 of 2017).
 */
export function uaRnokpp(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null || valueAt(d, 0, 5) < 3_653 || valueAt(d, 0, 5) > 47_500) return false;
  // Minus one is ten modulo 11, which keeps the sum positive.
  return (weighted(d, [10, 5, 7, 9, 4, 6, 10, 5, 7]) % 11) % 10 === d[9];
}
