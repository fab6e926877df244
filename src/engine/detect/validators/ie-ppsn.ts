import { compact, numberOf, weighted } from '../check-digits.js';

/**
 * An Irish Personal Public Service number: weights 8 to 2, and 9 for the second letter, modulo 23 (Department of Social
 * Protection).
 */
export function iePpsn(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number, 7);
  if (d === null || number.length > 9) return false;
  const second = number.length === 9 ? 'WABCDEFGHIJKLMNOPQRSTUV'.indexOf(number[8]!) : 0;
  if (second < 0) return false;
  return 'WABCDEFGHIJKLMNOPQRSTUV'[(weighted(d, [8, 7, 6, 5, 4, 3, 2]) + 9 * second) % 23] === number[7];
}
