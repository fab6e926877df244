import { numberOf, weighted } from '../check-digits.js';

/** A Polish business register number of 9 or 14 digits: weights modulo 11 (GUS, "REGON"). */
export function plRegon(text: string): boolean {
  const d = numberOf(text, 9, 14);
  if (d === null || (weighted(d, [8, 9, 2, 3, 4, 5, 6, 7]) % 11) % 10 !== d[8]) return false;
  return d.length === 9 || (weighted(d, [2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8]) % 11) % 10 === d[13];
}
