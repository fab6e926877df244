import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * A Danish civil registration number by its date of birth, whose day is 60 more in replacement numbers (CPR-kontoret,
 * "Personnummeret i CPR").
 */
export function dkCpr(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && isShortDay(valueAt(d, 4, 2), valueAt(d, 2, 2), valueAt(d, 0, 2) % 60);
}
