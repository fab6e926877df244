import { numberOf, verhoeff } from '../check-digits.js';

/**
 * An Aadhaar number: Verhoeff check digit, first digit 2 to 9, and not the same read backwards (UIDAI, "Aadhaar number
 * generation").
 */
export function inAadhaar(text: string): boolean {
  const d = numberOf(text, 12);
  return d !== null && d[0]! > 1 && d.some((digit, i) => digit !== d[11 - i]) && verhoeff(d);
}
