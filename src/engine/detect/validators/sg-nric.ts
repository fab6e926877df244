import { compact, numberOf, weighted } from '../check-digits.js';

/** Check letters by the remainder, and what is added to the sum before, by the first letter. */
const SERIES: Readonly<Record<string, readonly [letters: string, added: number]>> = {
  S: ['JZIHGFEDCBA', 0],
  T: ['JZIHGFEDCBA', 4],
  F: ['XWUTRQPNMLK', 0],
  G: ['XWUTRQPNMLK', 4],
  M: ['XWUTRQPNJLK', 3],
};

/**
 * A Singaporean NRIC or FIN: weights modulo 11, and a check letter of the series of the first letter (Immigration &
 * Checkpoints Authority).
 */
export function sgNric(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number, 7);
  const series = SERIES[number[0] ?? ''];
  if (d === null || series === undefined || number.length !== 9) return false;
  return series[0][(weighted(d, [2, 7, 6, 5, 4, 3, 2]) + series[1]) % 11] === number[8];
}
