import { luhn } from './luhn.js';

/*
 * Issuer ranges by leading digits with the lengths that the networks give out: Visa 16, 19; Mastercard 51–55 and
 * 2221–2720; American Express 34, 37; Discover 6011, 644–649, 65; Diners Club 300–305, 309, 36, 38, 39; JCB 3528–3589;
 * UnionPay 62; Maestro 5018, 5020, 5038, 5893, 6304, 6759, 6761–6763; Mir 2200–2204; Troy 9792. What else begins with 50
 * or 56 to 58 is mostly no card, and those ranges would let many ids pass; so would the 13 digits of old Visa cards,
 * which article numbers have.
 */
const ISSUERS: readonly { first: number; last: number; digits: number; lengths: readonly number[] }[] = [
  { first: 4, last: 4, digits: 1, lengths: [16, 19] },
  { first: 51, last: 55, digits: 2, lengths: [16] },
  { first: 2221, last: 2720, digits: 4, lengths: [16] },
  { first: 34, last: 34, digits: 2, lengths: [15] },
  { first: 37, last: 37, digits: 2, lengths: [15] },
  { first: 6011, last: 6011, digits: 4, lengths: [16, 19] },
  { first: 644, last: 649, digits: 3, lengths: [16, 19] },
  { first: 65, last: 65, digits: 2, lengths: [16, 19] },
  { first: 300, last: 305, digits: 3, lengths: [14, 16, 19] },
  { first: 309, last: 309, digits: 3, lengths: [14, 16, 19] },
  { first: 36, last: 36, digits: 2, lengths: [14, 16, 19] },
  { first: 38, last: 39, digits: 2, lengths: [14, 16, 19] },
  { first: 3528, last: 3589, digits: 4, lengths: [16, 19] },
  { first: 62, last: 62, digits: 2, lengths: [16, 17, 18, 19] },
  { first: 2200, last: 2204, digits: 4, lengths: [16, 19] },
  { first: 5018, last: 5018, digits: 4, lengths: [16, 18, 19] },
  { first: 5020, last: 5020, digits: 4, lengths: [16, 18, 19] },
  { first: 5038, last: 5038, digits: 4, lengths: [16, 18, 19] },
  { first: 5893, last: 5893, digits: 4, lengths: [16, 18, 19] },
  { first: 6304, last: 6304, digits: 4, lengths: [16, 18, 19] },
  { first: 6759, last: 6759, digits: 4, lengths: [16, 18, 19] },
  { first: 6761, last: 6763, digits: 4, lengths: [16, 18, 19] },
  { first: 9792, last: 9792, digits: 4, lengths: [16] },
];

/** A card number: issuer range, length and Luhn check digit, and not one digit over and over. */
export function paymentCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (/^(\d)\1*$/.test(digits)) return false;
  const known = ISSUERS.some((issuer) => {
    const lead = Number(digits.slice(0, issuer.digits));
    return lead >= issuer.first && lead <= issuer.last && issuer.lengths.includes(digits.length);
  });
  return known && luhn(digits);
}
