import { digitsOf, valuesIn, weighted } from '../check-digits.js';

/**
 * A New Zealand health index number of the form ABC1235: letters without I and O as numbers from 1, weights 7 to 2
 * modulo 11 (HISO 10046).
 */
export function nzNhi(text: string): boolean {
  const letters = valuesIn('ABCDEFGHJKLMNPQRSTUVWXYZ', text.slice(0, 3).toUpperCase()).map((value) => value + 1);
  const d = digitsOf(text.slice(3));
  const remainder = weighted([...letters, ...d], [7, 6, 5, 4, 3, 2]) % 11;
  return d.length === 4 && remainder !== 0 && (11 - remainder) % 10 === d[3];
}
