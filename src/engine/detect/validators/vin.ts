const VALUES: Readonly<Record<string, number>> = Object.fromEntries([
  ...[...'0123456789'].map((c, i) => [c, i] as const),
  ...[...'ABCDEFGH'].map((c, i) => [c, i + 1] as const),
  ...[...'JKLMN'].map((c, i) => [c, i + 1] as const),
  ...[['P', 7] as const, ['R', 9] as const],
  ...[...'STUVWXYZ'].map((c, i) => [c, i + 2] as const),
]);
const WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];

/** A vehicle identification number with the check digit that North America and China require (49 CFR 565.15, table III). */
export function vin(text: string): boolean {
  const upper = text.toUpperCase();
  if (!/^[A-HJ-NPR-Z0-9]{17}$/.test(upper) || !/[A-Z]/.test(upper) || /^(.)\1*$/.test(upper)) return false;
  // No model year is written with U, Z or 0, and the serial number ends in four digits.
  if (/^.{9}[UZ0]/.test(upper) || !/\d{4}$/.test(upper)) return false;
  const rest = [...upper].reduce((sum, c, i) => sum + VALUES[c]! * WEIGHTS[i]!, 0) % 11;
  return upper[8] === (rest === 10 ? 'X' : String(rest));
}
