import { compact, numberOf, weightedDigitSums } from '../check-digits.js';

/** A Spanish tax number of an organisation: weights of Luhn, with a digit or a letter as check (Orden EHA/451/2008). */
export function esCif(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number.slice(1, 8), 7);
  if (d === null || number.length !== 9) return false;
  const check = (10 - (weightedDigitSums(d, [2, 1, 2, 1, 2, 1, 2]) % 10)) % 10;
  return number[8] === String(check) || number[8] === 'JABCDEFGHI'[check];
}
