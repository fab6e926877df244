import { numberOf, weighted } from '../check-digits.js';

/** A UK unique taxpayer reference: its first digit checks the others by weights modulo 11 (HMRC, "UTR check digit"). */
export function gbUtr(text: string): boolean {
  const d = numberOf(text, 10);
  return d !== null && Number('21987654321'[weighted(d, [0, 6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11]) === d[0];
}
