/** A German physician's number: weights 4 and 9 over the first six digits, the difference to the next ten as the seventh, and a two-digit specialty (KBV, "Richtlinie zur Vergabe der Arztnummern"). */
export function deLanr(text: string): boolean {
  if (!/^\d{9}$/.test(text) || /^(\d)\1{5}/.test(text) || text.endsWith('00')) return false;
  const sum = [...text.slice(0, 6)].reduce((total, digit, i) => total + Number(digit) * (i % 2 === 0 ? 4 : 9), 0);
  return (10 - (sum % 10)) % 10 === Number(text[6]);
}
