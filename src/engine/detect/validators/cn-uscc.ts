import { valuesIn, weighted } from '../check-digits.js';

/**
 * A Chinese unified social credit code: 18 characters without I, O, S, V and Z, weights of powers of 3 modulo 31 (GB
 * 32100-2015).
 */
export function cnUscc(text: string): boolean {
  const values = valuesIn('0123456789ABCDEFGHJKLMNPQRTUWXY', text);
  if (values.length !== 18 || values.includes(-1)) return false;
  const sum = weighted(values, [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]);
  return (31 - (sum % 31)) % 31 === values[17];
}
