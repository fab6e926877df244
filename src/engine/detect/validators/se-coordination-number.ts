import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * A Swedish coordination number: as a personal number, with a day that is 60 more (Skatteverket, "Samordningsnummer").
 */
export function seCoordinationNumber(text: string): boolean {
  const d = numberOf(text, 10, 12)?.slice(-10);
  if (d === undefined || d[4]! < 6) return false;
  return isShortDay(valueAt(d, 0, 2), valueAt(d, 2, 2), valueAt(d, 4, 2) - 60) && luhn(d.join(''));
}
