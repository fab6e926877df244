import { COUNTRIES } from '../countries.js';

/** Country, two check digits of ISO 7064 mod 97-10 over the national part, and a business code that they leave out (EPC262-08, "Creditor Identifier Overview"). */
export function sepaCreditorId(text: string): boolean {
  const compact = text.replace(/ /g, '').toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{3}[A-Z0-9]{4,28}$/.test(compact) || !COUNTRIES.has(compact.slice(0, 2))) return false;
  let remainder = 0;
  for (const c of compact.slice(7) + compact.slice(0, 4)) {
    const value = Number.parseInt(c, 36);
    remainder = (remainder * (value > 9 ? 100 : 10) + value) % 97;
  }
  return remainder === 1;
}
