import { compact, numberOf } from '../check-digits.js';

/**
 * A Chilean RUT or RUN: weights 2 to 7 from the right modulo 11, with K for ten (Servicio de Registro Civil e
 * Identificación).
 */
export function clRut(text: string): boolean {
  const number = compact(text);
  const body = numberOf(number.slice(0, -1), 7, 8);
  if (body === null) return false;
  const sum = [...body].reverse().reduce((total, digit, i) => total + digit * (2 + (i % 6)), 0);
  return '0K987654321'[sum % 11] === number.at(-1);
}
