import { ALPHANUMERIC, compact, valuesIn } from '../check-digits.js';

/**
 * The document number of a Portuguese citizen card: letters as numbers from 10, every second doubled, modulo 10
 * (Agência para a Modernização Administrativa).
 */
export function ptCitizenCard(text: string): boolean {
  const values = valuesIn(ALPHANUMERIC, compact(text));
  if (values.length !== 12) return false;
  const sum = values.reduce((total, value, i) => {
    const product = i % 2 === 0 ? value * 2 : value;
    return total + (i % 2 === 0 && product > 9 ? product - 9 : product);
  }, 0);
  return sum % 10 === 0;
}
