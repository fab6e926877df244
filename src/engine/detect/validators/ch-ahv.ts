import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Swiss AHV number: country code 756 and an EAN-13 check digit (Federal Social Insurance Office,
 * "Versichertennummer").
 */
export function chAhv(text: string): boolean {
  const d = numberOf(text, 13);
  if (d === null || valueAt(d, 0, 3) !== 756) return false;
  return weighted(d, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]) % 10 === 0;
}
