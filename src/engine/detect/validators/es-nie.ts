import { compact, numberOf, valueAt } from '../check-digits.js';

/**
 * A Spanish foreigner's number: as the identity number, with X, Y and Z for 0, 1 and 2 (Ministerio del Interior,
 * "Cálculo del dígito de control").
 */
export function esNie(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number, 7);
  if (d === null || number.length !== 9) return false;
  const value = 'XYZ'.indexOf(number[0]!) * 10_000_000 + valueAt(d, 0, 7);
  return 'TRWAGMYFPDXBNJZSQVHLCKE'[value % 23] === number[8];
}
