import { numberOf } from '../check-digits.js';

/**
 * A Brazilian health card number (CNS): first digit 1, 2, 7, 8 or 9, and weights 15 to 1 modulo 11 (DATASUS, "Rotina de
 * validação do CNS").
 */
export function brCns(text: string): boolean {
  const d = numberOf(text, 15);
  return d !== null && [1, 2, 7, 8, 9].includes(d[0]!) && d.reduce((sum, v, i) => sum + v * (15 - i), 0) % 11 === 0;
}
