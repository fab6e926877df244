import { compact, numberOf, valueAt } from '../check-digits.js';

/**
 * A Spanish identity number: its letter is that of the number modulo 23 (Real Decreto 1553/2005; Ministerio del
 * Interior, "Cálculo del dígito de control").
 */
export function esDni(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number, 8);
  return d !== null && number.length === 9 && 'TRWAGMYFPDXBNJZSQVHLCKE'[valueAt(d, 0, 8) % 23] === number[8];
}
