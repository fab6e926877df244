import { numberOf, weighted } from '../check-digits.js';

/**
 * An Australian Business Number: weights modulo 89 after taking one from the first digit (abr.business.gov.au, "Format
 * of the ABN").
 */
export function auAbn(text: string): boolean {
  const d = numberOf(text, 11);
  return d !== null && d[0] !== 0 && (weighted(d, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0;
}
