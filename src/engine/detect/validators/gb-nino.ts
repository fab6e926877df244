import { compact } from '../check-digits.js';

/**
 * A National Insurance number: letters that are in use and none of the prefixes BG, GB, KN, NK, NT, TN and ZZ (HMRC,
 * NIM39110).
 */
export function gbNino(text: string): boolean {
  return /^(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\d{6}[A-D]$/.test(compact(text));
}
