import { numberOf, weighted } from '../check-digits.js';

/** A Hungarian social insurance number (TAJ): weights 3 and 7 in turn modulo 10 (Act XX of 1996, annex). */
export function huTaj(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && weighted(d, [3, 7, 3, 7, 3, 7, 3, 7]) % 10 === d[8];
}
