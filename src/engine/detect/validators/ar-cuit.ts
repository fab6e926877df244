import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * An Argentine CUIT, CUIL or CDI: a prefix in use, and a check digit by weights modulo 11 (AFIP, Resolución General
 * 10/1997).
 */
export function arCuit(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || ![20, 23, 24, 25, 26, 27, 30, 33, 34, 50, 51, 55].includes(valueAt(d, 0, 2))) return false;
  return weighted(d, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
