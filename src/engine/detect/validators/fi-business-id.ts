import { numberOf, weighted } from '../check-digits.js';

/** A Finnish business ID: weights modulo 11 (Patentti- ja rekisterihallitus, "Y-tunnus"). */
export function fiBusinessId(text: string): boolean {
  const d = numberOf(text, 8);
  return d !== null && weighted(d, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0;
}
