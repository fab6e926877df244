import { isDay } from '../calendar.js';
import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A personal number of the states that were Yugoslavia (JMBG, EMBG, EMŠO): day, month and last three digits of the year of
 * birth, and weights modulo 11 (Uredba o načinu određivanja EMŠO, Uradni list RS 8/1999).
 */
export function jmbg(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null) return false;
  const year = valueAt(d, 4, 3);
  if (!isDay(year + (year > 800 ? 1000 : 2000), valueAt(d, 2, 2), valueAt(d, 0, 2))) return false;
  const remainder = weighted(d, [7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
  return (remainder === 0 ? 0 : 11 - remainder) === d[12];
}
