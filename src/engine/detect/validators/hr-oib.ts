import { mod11And10, numberOf } from '../check-digits.js';

/**
 * A Croatian personal identification number: ISO 7064 MOD 11,10 (Zakon o osobnom identifikacijskom broju, NN 60/08).
 */
export function hrOib(text: string): boolean {
  const d = numberOf(text, 11);
  return d !== null && mod11And10(d);
}
