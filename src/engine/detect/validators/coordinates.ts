const PRECISE = /^-?\d{1,3}\.\d{4,}$/;

/**
 * Two decimal degrees of four or more decimals (11 metres), one that can be a latitude and one a longitude, and not both
 * below one degree, which is a pair of ratios or weights.
 */
export function coordinates(text: string): boolean {
  const numbers = text.match(/-?\d+\.\d+/g);
  if (numbers === null || numbers.length !== 2 || !numbers.every((n) => PRECISE.test(n))) return false;
  const [a, b] = numbers.map((n) => Math.abs(Number(n))) as [number, number];
  const [low, high] = a < b ? [a, b] : [b, a];
  return low <= 90 && high <= 180 && high >= 1;
}
