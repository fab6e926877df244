import { numberOf, valueAt } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * An Italian VAT number: a province office of 001 to 100, 120, 121, 888 or 999, and a Luhn check digit (Agenzia delle
 * Entrate).
 */
export function itPartitaIva(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null) return false;
  const office = valueAt(d, 7, 3);
  return ((office >= 1 && office <= 100) || [120, 121, 888, 999].includes(office)) && luhn(text);
}
