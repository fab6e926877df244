import { numberOf } from '../check-digits.js';

/** A Turkish tax number: each digit moved by its place and times a power of two modulo 9 (Gelir İdaresi Başkanlığı). */
export function trVkn(text: string): boolean {
  const d = numberOf(text, 10);
  if (d === null) return false;
  const sum = d.slice(0, 9).reduce((total, digit, i) => {
    const moved = (digit + 9 - i) % 10;
    return total + (moved === 9 ? 9 : (moved * 2 ** (9 - i)) % 9);
  }, 0);
  return (10 - (sum % 10)) % 10 === d[9];
}
