import { compact, numberOf, weighted } from '../check-digits.js';

/** A Venezuelan tax register number: its letter as a number, weights modulo 11 (SENIAT). */
export function veRif(text: string): boolean {
  const number = compact(text);
  const d = numberOf(number.slice(1), 9);
  const letter = 4 * (1 + 'VEJPG'.indexOf(number[0] ?? ''));
  if (d === null || letter === 0) return false;
  return Number('00987654321'[(letter + weighted(d, [3, 2, 7, 6, 5, 4, 3, 2])) % 11]) === d[8];
}
