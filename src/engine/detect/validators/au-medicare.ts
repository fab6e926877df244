import { numberOf, weighted } from '../check-digits.js';

/**
 * An Australian Medicare card number, with or without the person's number on the card: first digit 2 to 6, ninth digit by
 * weights modulo 10, issue number not 0 (METEOR 270101, "Person—government funding identifier, Medicare card number").
 */
export function auMedicare(text: string): boolean {
  const d = numberOf(text, 10, 11);
  if (d === null || d[0]! < 2 || d[0]! > 6 || d[9] === 0) return false;
  return weighted(d, [1, 3, 7, 9, 1, 3, 7, 9]) % 10 === d[8];
}
