import { compact, documentCheckDigit } from '../check-digits.js';

/**
 * The serial number of a German identity card or passport with its check digit: weights 7, 3, 1 modulo 10 (ICAO Doc
 * 9303-3 §4.9).
 */
export function deIdCard(text: string): boolean {
  const number = compact(text);
  return /\d.*[1-9]/.test(number) && documentCheckDigit(number.slice(0, 9)) === Number(number[9]);
}
