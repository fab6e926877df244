import { mod11And10, numberOf, valueAt } from '../check-digits.js';

/** A Serbian tax number: in the range given out, and ISO 7064 MOD 11,10 (Poreska uprava Srbije). */
export function rsPib(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && valueAt(d, 0, 8) >= 10_000_001 && mod11And10(d);
}
