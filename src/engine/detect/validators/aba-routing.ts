/** A routing number of the American Bankers Association: a prefix that is given out (00–12, 21–32, 61–72, 80) and weights 3, 7, 1 to a multiple of 10. */
export function abaRouting(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length !== 9 || /^0+$/.test(digits)) return false;
  const prefix = Number(digits.slice(0, 2));
  const given = prefix <= 12 || (prefix >= 21 && prefix <= 32) || (prefix >= 61 && prefix <= 72) || prefix === 80;
  const sum = [...digits].reduce((total, digit, i) => total + Number(digit) * [3, 7, 1][i % 3]!, 0);
  return given && sum % 10 === 0;
}
