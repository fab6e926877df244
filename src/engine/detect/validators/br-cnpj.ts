import { compact, weighted } from '../check-digits.js';

/**
 * A Brazilian CNPJ, of digits or as given out since July 2026 of letters and digits: two check digits modulo 11 over the
 * characters' ASCII codes less 48 (Receita Federal, IN RFB 2.229/2024 and Nota Técnica COCAD 49/2024).
 */
export function brCnpj(text: string): boolean {
  const number = compact(text);
  if (number.length !== 14 || /^(.)\1*$/.test(number)) return false;
  const values = [...number].map((c) => c.charCodeAt(0) - 48);
  const check = (weights: readonly number[]): number => {
    const remainder = weighted(values, weights) % 11;
    return remainder < 2 ? 0 : 11 - remainder;
  };
  if (check([5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) !== values[12]) return false;
  return check([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) === values[13];
}
