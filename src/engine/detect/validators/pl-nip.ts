import { numberOf, weighted } from '../check-digits.js';

/**
 * A Polish tax number: weights modulo 11, of which ten is not given out (Act of 13 October 1995 on taxpayer
 * identification).
 */
export function plNip(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && d[0] !== 0 && weighted(d, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === d[9];
}
