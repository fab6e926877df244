import { numberOf, weighted } from '../check-digits.js';

/** A Moldovan personal number (IDNP): first digit 2 or 0, weights 7, 3, 1 modulo 10 (Public Services Agency). */
export function mdIdnp(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null || (d[0] !== 2 && d[0] !== 0)) return false;
  return weighted(d, [7, 3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1]) % 10 === d[12];
}
