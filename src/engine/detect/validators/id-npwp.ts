import { numberOf } from '../check-digits.js';
import { luhn } from './luhn.js';

/** An Indonesian tax number (NPWP) of 15 digits: Luhn check digit in ninth place (Direktorat Jenderal Pajak). */
export function idNpwp(text: string): boolean {
  const d = numberOf(text, 15);
  return d !== null && luhn(d.slice(0, 9).join(''));
}
