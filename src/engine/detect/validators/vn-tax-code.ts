import { numberOf, weighted } from '../check-digits.js';

/** A Vietnamese tax code: prime weights modulo 11 (General Department of Taxation, circular 105/2020/TT-BTC). */
export function vnTaxCode(text: string): boolean {
  const d = numberOf(text, 10, 13);
  return d !== null && 10 - (weighted(d, [31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11) === d[9];
}
