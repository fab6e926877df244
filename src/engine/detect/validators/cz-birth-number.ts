import { isShortDay } from '../calendar.js';
import { numberOf, valueAt } from '../check-digits.js';

/**
 * A Czech or Slovak birth number: a date of birth whose month is 50 more for women and 20 more where numbers ran out, and
 * ten digits that 11 divides, or nine before 1954 (Act 133/2000, §13).
 */
export function czBirthNumber(text: string): boolean {
  const d = numberOf(text, 9, 10);
  if (d === null) return false;
  const [year, month, day] = [valueAt(d, 0, 2), valueAt(d, 2, 2) % 50, valueAt(d, 4, 2)];
  if (d.length === 9) return year < 54 && isShortDay(year, month, day);
  if (!isShortDay(year, month > 20 ? month - 20 : month, day)) return false;
  return valueAt(d, 0, 10) % 11 === 0 || (valueAt(d, 0, 9) % 11 === 10 && d[9] === 0);
}
