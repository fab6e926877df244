import { numberOf, weighted } from '../check-digits.js';

/** An NHS number: weights 10 to 2 modulo 11, of which ten is not given out (NHS Data Dictionary, "NHS NUMBER"). */
export function gbNhsNumber(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && weighted(d, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
