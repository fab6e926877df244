import { compact, numberOf, valueAt } from '../check-digits.js';

/**
 * A French social security number with its key: 97 less the number modulo 97, with 19 and 18 for Corsica's 2A and 2B
 * (INSEE, "Numéro d'inscription au répertoire").
 */
export function frNir(text: string): boolean {
  const d = numberOf(
    compact(text)
      .replace(/^(.{5})2A/, '$119')
      .replace(/^(.{5})2B/, '$118'),
    15,
  );
  return d !== null && 97 - (valueAt(d, 0, 13) % 97) === valueAt(d, 13, 2);
}
