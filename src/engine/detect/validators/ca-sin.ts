import { numberOf } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * A Canadian Social Insurance Number: Luhn check digit, and a first digit that is given out, not 0 or 8 (Service
 * Canada, SIN Code of Practice).
 */
export function caSin(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && d[0] !== 0 && d[0] !== 8 && luhn(text);
}
