import { numberOf, weighted } from '../check-digits.js';

/**
 * A Greek tax number (AFM): powers of two modulo 11 (Independent Authority for Public Revenue; OECD, TINs of Greece).
 */
export function grAfm(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && (weighted(d, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === d[8];
}
