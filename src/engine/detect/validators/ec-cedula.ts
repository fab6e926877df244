import { numberOf, valueAt } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * An Ecuadorian identity number: a province from 01 to 24 or 30, third digit below 6, Luhn check digit (Registro Civil
 * del Ecuador).
 */
export function ecCedula(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null || d[2]! > 5) return false;
  const province = valueAt(d, 0, 2);
  return ((province >= 1 && province <= 24) || province === 30) && luhn(text);
}
