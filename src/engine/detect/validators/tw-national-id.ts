import { compact, numberOf, weighted } from '../check-digits.js';

/** The numbers from 10 on of the letters in the order in which counties got them. */
const COUNTIES = 'ABCDEFGHJKLMNPQRSTUVXYWZIO';

/**
 * A Taiwanese national or resident certificate number: the letter as two digits, weights modulo 10 (Ministry of the
 * Interior).
 */
export function twNationalId(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number.slice(1), 9);
  if (d === null || ![1, 2, 8, 9].includes(d[0]!)) return false;
  const letter = 10 + COUNTIES.indexOf(number[0]!);
  return (Math.floor(letter / 10) + (letter % 10) * 9 + weighted(d, [8, 7, 6, 5, 4, 3, 2, 1, 1])) % 10 === 0;
}
