import { numberOf, valueAt, weighted } from '../check-digits.js';

/**
 * A Ukrainian register code of an organisation: weights by range, in one or two rounds, modulo 11 (State Statistics
 * Service, EDRPOU).
 */
export function uaEdrpou(text: string): boolean {
  const d = numberOf(text, 8);
  if (d === null) return false;
  const value = valueAt(d, 0, 8);
  const weights = value < 30_000_000 || value > 60_000_000 ? [1, 2, 3, 4, 5, 6, 7] : [7, 1, 2, 3, 4, 5, 6];
  const first = weighted(d, weights) % 11;
  if (first < 10) return first === d[7];
  return (
    (weighted(
      d,
      weights.map((weight) => weight + 2),
    ) %
      11) %
      10 ===
    d[7]
  );
}
