/** Weights 3, 7, 1 over the first 17 digits, each product modulo 10, give the last one (Asociación de Bancos de México, CLABE). */
export function clabe(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (digits.length !== 18 || /^(\d)\1*$/.test(digits)) return false;
  const sum = [...digits.slice(0, 17)].reduce((total, d, i) => total + ((Number(d) * [3, 7, 1][i % 3]!) % 10), 0);
  return (10 - (sum % 10)) % 10 === Number(digits[17]);
}
