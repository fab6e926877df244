import { numberOf, weighted } from '../check-digits.js';

/**
 * A Dutch citizen service number: the "11 test", weights 9 to 2 and -1 modulo 11 (Wet algemene bepalingen
 * burgerservicenummer; RvIG).
 */
export function nlBsn(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && weighted(d, [9, 8, 7, 6, 5, 4, 3, 2, -1]) % 11 === 0;
}
