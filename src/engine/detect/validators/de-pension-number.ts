import { compact, digitsOf, valueAt, weightedDigitSums } from '../check-digits.js';

/**
 * A German pension insurance number: area, day of birth, letter of the surname as two digits, serial number; weights,
 * digit sums modulo 10 (VKVV §4, Deutsche Rentenversicherung).
 */
export function dePensionNumber(text: string): boolean {
  const number = compact(text);
  const letter = String(number.charCodeAt(8) - 64).padStart(2, '0');
  const d = digitsOf(number.slice(0, 8) + letter + number.slice(9));
  if (d.length !== 13 || valueAt(d, 0, 2) < 2) return false;
  const [day, month] = [valueAt(d, 2, 2), valueAt(d, 4, 2)];
  if (day < 1 || (day > 31 && (day < 51 || day > 81)) || month > 12) return false;
  return weightedDigitSums(d, [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]) % 10 === d[12];
}
