import { ALPHANUMERIC, valuesIn } from '../check-digits.js';

/**
 * An Indian goods and services tax number: a state, a PAN, and a check character by weights 1 and 2 modulo 36 (GST
 * Network, "Know your GSTIN").
 */
export function inGstin(text: string): boolean {
  const values = valuesIn(ALPHANUMERIC, text);
  const state = Number(text.slice(0, 2));
  if (values.length !== 15 || state < 1 || (state > 38 && state !== 97 && state !== 99)) return false;
  const sum = values.slice(0, 14).reduce((total, value, i) => {
    const product = value * (1 + (i % 2));
    return total + Math.floor(product / 36) + (product % 36);
  }, 0);
  return (36 - (sum % 36)) % 36 === values[14];
}
