import { COUNTRIES } from '../countries.js';

/** Four letters of a party, a country of ISO 3166-1, a place and an office that is none of the passive or test ones (ISO 9362). */
export function bic(text: string): boolean {
  if (!/^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$/.test(text) || !COUNTRIES.has(text.slice(4, 6))) return false;
  return text[7] !== '0' && text[7] !== '1';
}
