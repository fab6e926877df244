import { numberOf, weightedDigitSums } from '../check-digits.js';

/**
 * A Taiwanese unified business number: digit sums of weighted digits divided by 5, with a second chance where the
 * seventh is 7 (Ministry of Finance, rule of April 2023).
 */
export function twBusinessNumber(text: string): boolean {
  const d = numberOf(text, 8);
  if (d === null) return false;
  const sum = weightedDigitSums(d, [1, 2, 1, 2, 1, 2, 4, 1]);
  return sum % 5 === 0 || (d[6] === 7 && (sum + 1) % 5 === 0);
}
