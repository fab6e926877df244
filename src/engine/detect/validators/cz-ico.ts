import { numberOf, weighted } from '../check-digits.js';

/**
 * A Czech or Slovak organisation number (IČO): weights 8 to 2 modulo 11 (Czech Statistical Office, register of economic
 * subjects).
 */
export function czIco(text: string): boolean {
  const d = numberOf(text, 8);
  return d !== null && (11 - (weighted(d, [8, 7, 6, 5, 4, 3, 2]) % 11)) % 10 === d[7];
}
