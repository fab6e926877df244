import { numberOf, weighted } from '../check-digits.js';

/** A Salvadoran identity number (DUI): weights 9 to 2 modulo 10 (Registro Nacional de las Personas Naturales). */
export function svDui(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && (10 - (weighted(d, [9, 8, 7, 6, 5, 4, 3, 2]) % 10)) % 10 === d[8];
}
