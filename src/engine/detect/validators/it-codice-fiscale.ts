import { isShortDay } from '../calendar.js';
import { ALPHANUMERIC, compact, valuesIn } from '../check-digits.js';

/** What letters in place of digits mean, where two people would have the same code. */
const REPLACED = 'LMNPQRSTUV';
const MONTHS = 'ABCDEHLMPRST';
/** Values of characters in odd places, from 0 to 9 and from A to Z. */
const ODD_DIGITS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
const ODD_LETTERS = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

/**
 * An Italian fiscal code of a person: a date of birth, whose day is 40 more for women, and a check letter modulo 26, with
 * letters that stand for digits allowed (Decreto ministeriale of 23 December 1976).
 */
export function itCodiceFiscale(text: string): boolean {
  const code = compact(text);
  if (code.length !== 16) return false;
  const digit = (at: number): number => {
    const replaced = REPLACED.indexOf(code[at]!);
    return replaced < 0 ? Number(code[at]) : replaced;
  };
  const day = digit(9) * 10 + digit(10);
  if (!isShortDay(digit(6) * 10 + digit(7), 1 + MONTHS.indexOf(code[8]!), day > 40 ? day - 40 : day)) return false;
  const values = valuesIn(ALPHANUMERIC, code.slice(0, 15));
  const sum = values.reduce((total, value, i) => {
    if (i % 2 === 1) return total + (value > 9 ? value - 10 : value);
    return total + (value > 9 ? ODD_LETTERS[value - 10]! : ODD_DIGITS[value]!);
  }, 0);
  return String.fromCharCode(65 + (sum % 26)) === code[15];
}
