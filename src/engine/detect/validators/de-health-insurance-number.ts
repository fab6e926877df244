import { compact, digitsOf, weightedDigitSums } from '../check-digits.js';

/**
 * The part of a German health insurance number that stays for life: a letter as two digits, weights 1 and 2 in turn, digit
 * sums modulo 10 (SGB V §290; Spitzenverband der Krankenkassen, "Krankenversichertennummer").
 */
export function deHealthInsuranceNumber(text: string): boolean {
  const number = compact(text);
  const d = digitsOf(String(number.charCodeAt(0) - 64).padStart(2, '0') + number.slice(1));
  return d.length === 11 && weightedDigitSums(d, [1, 2, 1, 2, 1, 2, 1, 2, 1, 2]) % 10 === d[10];
}
