import { mod11And10, numberOf } from '../check-digits.js';

/**
 * A German tax identification number: ISO 7064 MOD 11,10, not beginning with 0, and of the first ten digits exactly one is
 * there twice, or three times but not in a row (AO §139b; Bundeszentralamt für Steuern, "Steueridentifikationsnummer").
 */
export function deTaxId(text: string): boolean {
  const d = numberOf(text, 11);
  if (d === null || d[0] === 0) return false;
  const counts = Array.from({ length: 10 }, (_, digit) => d.slice(0, 10).filter((v) => v === digit).length);
  const repeated = counts.filter((count) => count > 1);
  if (repeated.length !== 1 || repeated[0]! > 3) return false;
  return !d.slice(0, 8).some((v, i) => v === d[i + 1] && v === d[i + 2]) && mod11And10(d);
}
