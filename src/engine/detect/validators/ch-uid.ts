import { numberOf, weighted } from '../check-digits.js';

/** A Swiss enterprise identification number: weights modulo 11 (eCH-0097 §2.4.2). */
export function chUid(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && weighted(d, [5, 4, 3, 2, 7, 6, 5, 4, 1]) % 11 === 0;
}
