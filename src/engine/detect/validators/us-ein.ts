import { numberOf, valueAt } from '../check-digits.js';

/**
 * A US employer number by the prefixes that the IRS has assigned (irs.gov, "How EINs are assigned and valid EIN
 * prefixes").
 */
export function usEin(text: string): boolean {
  const d = numberOf(text, 9);
  return d !== null && ![0, 7, 8, 9, 17, 18, 19, 28, 29, 49, 69, 70, 78, 79, 89, 96, 97].includes(valueAt(d, 0, 2));
}
