/** The unchanging part of a German health insurance number: the letter as two digits, weights 1 and 2 with the digit sum, modulo 10 (§ 290 SGB V). */
export function deKvnr(text: string): boolean {
  if (!/^[A-Z]\d{9}$/.test(text)) return false;
  const letter = String(text.charCodeAt(0) - 64).padStart(2, '0');
  const sum = [...(letter + text.slice(1, 9))].reduce((total, digit, i) => {
    const product = Number(digit) * (i % 2 === 0 ? 1 : 2);
    return total + (product > 9 ? product - 9 : product);
  }, 0);
  return sum % 10 === Number(text[9]);
}
