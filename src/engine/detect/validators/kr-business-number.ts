import { numberOf, weighted } from '../check-digits.js';

/**
 * A Korean business registration number: weights, and the tens of the last product, modulo 10 (National Tax Service).
 */
export function krBusinessNumber(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null) return false;
  const sum = weighted(d, [1, 3, 7, 1, 3, 7, 1, 3, 5]) + Math.floor((d[8]! * 5) / 10);
  return (10 - (sum % 10)) % 10 === d[9];
}
