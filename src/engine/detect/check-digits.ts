/** Digits and letters in the order of their values: 0 to 9, A is 10, Z is 35. */
export const ALPHANUMERIC = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The decimal digits of a text, whatever stands between them. */
export function digitsOf(text: string): number[] {
  const digits: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) digits.push(digit);
  }
  return digits;
}

/**
 * The digits of a number that somebody can have been given: as many as one of the lengths says, and not one digit over
 * and over, which often has the right check digit and stands in forms for no number. Null for anything else.
 */
export function numberOf(text: string, ...lengths: readonly number[]): readonly number[] | null {
  const digits = digitsOf(text);
  return lengths.includes(digits.length) && digits.some((digit) => digit !== digits[0]) ? digits : null;
}

/** Letters and digits of a text, letters in upper case: the number without what separates its groups. */
export function compact(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
}

/** The values of characters in an alphabet, -1 for one that is not in it. */
export function valuesIn(alphabet: string, text: string): number[] {
  return [...text].map((character) => alphabet.indexOf(character));
}

/** The sum of each digit times its weight; digits beyond the weights do not count. */
export function weighted(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => sum + weight * digits[i]!, 0);
}

/** As `weighted`, with tens and ones of each product added up. */
export function weightedDigitSums(digits: readonly number[], weights: readonly number[]): number {
  return weights.reduce((sum, weight, i) => {
    const product = weight * digits[i]!;
    return sum + Math.floor(product / 10) + (product % 10);
  }, 0);
}

/** The number that some digits write, at most fifteen of them. */
export function valueAt(digits: readonly number[], start: number, length: number): number {
  let value = 0;
  for (let i = start; i < start + length; i++) value = value * 10 + digits[i]!;
  return value;
}

/** Hybrid system MOD 11,10 over digits of which the last is the check digit (ISO/IEC 7064 §9). */
export function mod11And10(digits: readonly number[]): boolean {
  let product = 10;
  for (const digit of digits.slice(0, -1)) product = (((digit + product) % 10 || 10) * 2) % 11;
  return (product + digits.at(-1)!) % 10 === 1;
}

/** Pure system MOD 11-2 over digits of which the last may be an X for ten (ISO/IEC 7064 §6). */
export function mod11To2(text: string): boolean {
  let remainder = 0;
  for (const value of valuesIn('0123456789X', text)) remainder = (remainder * 2 + value) % 11;
  return remainder === 1;
}

/** Multiplication in the dihedral group of order ten. */
const DIHEDRAL = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
  [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
  [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
  [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
  [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
  [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
  [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
  [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
  [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
];
/** What becomes of a digit by its position from the right, which repeats after eight. */
const PERMUTATIONS = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
  [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
  [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
  [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
  [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
  [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
  [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
];

/** Verhoeff's check over digits of which the last is the check digit (J. Verhoeff, "Error detecting decimal codes"). */
export function verhoeff(digits: readonly number[]): boolean {
  let check = 0;
  for (const [i, digit] of [...digits].reverse().entries()) check = DIHEDRAL[check]![PERMUTATIONS[i % 8]![digit]!]!;
  return check === 0;
}

/** The check digit of machine-readable documents: weights 7, 3, 1 in turn, modulo ten (ICAO Doc 9303-3 §4.9). */
export function documentCheckDigit(text: string): number {
  return valuesIn(ALPHANUMERIC, text).reduce((sum, value, i) => sum + value * [7, 3, 1][i % 3]!, 0) % 10;
}
