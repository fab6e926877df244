import { valuesIn, weighted } from '../check-digits.js';

/** A Mexican RFC with a right check character, which some do not have: weights 13 to 2 modulo 11, A for ten (SAT). */
export function mxRfcCheck(text: string): boolean {
  const rfc = text.replace(/-/g, '').toUpperCase().padStart(13, ' ');
  const values = valuesIn('0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ', rfc.slice(0, 12));
  return '0A987654321'[weighted(values, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11] === rfc[12];
}
