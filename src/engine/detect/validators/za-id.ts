import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';
import { luhn } from './luhn.js';

/**
 * A South African identity number: a date of birth, a digit of citizenship, and a Luhn check digit (Identification Act
 * 68 of 1997; Department of Home Affairs).
 */
export function zaId(text: string): boolean {
  const d = numberOf(text, 13);
  return d !== null && d[10]! < 3 && isShortDay(valueAt(d, 0, 2), valueAt(d, 2, 2), valueAt(d, 4, 2)) && luhn(text);
}
