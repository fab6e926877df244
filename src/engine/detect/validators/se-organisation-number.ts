import { numberOf } from '../check-digits.js';
import { luhn } from './luhn.js';

/** A Swedish organisation number: third digit 2 or more, Luhn check digit (Skatteverket, SKV 709). */
export function seOrganisationNumber(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && d[0] !== 0 && d[2]! >= 2 && luhn(text);
}
