import { numberOf, weighted } from '../check-digits.js';

/** A Uruguayan identity card number: weights modulo 10 (Dirección Nacional de Identificación Civil). */
export function uyCi(text: string): boolean {
  const given = numberOf(text, 7, 8);
  if (given === null) return false;
  const d = given.length === 7 ? [0, ...given] : given;
  return (10 - (weighted(d, [2, 9, 8, 7, 6, 3, 4]) % 10)) % 10 === d[7];
}
