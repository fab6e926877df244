import { numberOf, valueAt } from '../check-digits.js';

/**
 * A Spanish social security number: province, number, and the two modulo 97 (Tesorería General de la Seguridad Social).
 */
export function esNuss(text: string): boolean {
  const d = numberOf(text, 12);
  if (d === null || valueAt(d, 0, 2) === 0) return false;
  const [province, number] = [valueAt(d, 0, 2), valueAt(d, 2, 8)];
  return (province * (number < 10_000_000 ? 10_000_000 : 100_000_000) + number) % 97 === valueAt(d, 10, 2);
}
