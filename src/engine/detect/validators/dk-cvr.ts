import { numberOf, weighted } from '../check-digits.js';

/** A Danish business registration number: weights modulo 11 (Erhvervsstyrelsen, "Modulus 11 kontrol"). */
export function dkCvr(text: string): boolean {
  const d = numberOf(text, 8);
  return d !== null && d[0] !== 0 && weighted(d, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0;
}
