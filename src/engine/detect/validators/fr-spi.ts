import { numberOf, valueAt } from '../check-digits.js';

/**
 * A French tax number (SPI): the last three digits are the first ten modulo 511 (Direction générale des Finances
 * publiques; OECD, TINs of France).
 */
export function frSpi(text: string): boolean {
  const d = numberOf(text, 13);
  return d !== null && d[0]! < 4 && valueAt(d, 0, 10) % 511 === valueAt(d, 10, 3);
}
