import { compact, numberOf } from '../check-digits.js';

/**
 * A Cypriot tax identification code: eight digits that do not begin with 12, and a letter by a table modulo 26 (Tax
 * Department of Cyprus).
 */
export function cyTic(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number, 8);
  if (d === null || number.length !== 9 || number.startsWith('12')) return false;
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
  const sum = d.reduce((total, digit, i) => total + (i % 2 === 0 ? odd[digit]! : digit), 0);
  return String.fromCharCode(65 + (sum % 26)) === number[8];
}
