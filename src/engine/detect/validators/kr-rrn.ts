import { isDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * The parts of a Korean resident or foreigner registration number: a date of birth and a digit for sex and century
 * (Resident Registration Act, rule 2).
 */
export function krRrn(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null) return false;
  const century = [1800, 1900, 1900, 2000, 2000, 1900, 1900, 2000, 2000, 1800][d[6]!]!;
  return isDay(century + valueAt(d, 0, 2), valueAt(d, 2, 2), valueAt(d, 4, 2));
}
