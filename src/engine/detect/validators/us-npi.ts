import { luhn } from './luhn.js';

/** A National Provider Identifier: ten digits from 1 or 2 on, Luhn with the prefix 80840 of the health industry (45 CFR 162.406). */
export function usNpi(text: string): boolean {
  return /^[12]\d{9}$/.test(text) && luhn(`80840${text}`);
}
