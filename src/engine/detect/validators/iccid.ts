import { luhn } from './luhn.js';

/** The number of a SIM card: 19 or 20 digits that begin with 89 for telecommunication and end with a Luhn digit (ITU-T E.118). */
export function iccid(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!/^89\d{17,18}$/.test(digits)) return false;
  // Operators that write 20 digits put the check digit in either of the last two places.
  return luhn(digits) || (digits.length === 20 && luhn(digits.slice(0, 19)));
}
