import { crc32 } from '../crc32.js';

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * The last six characters are the CRC-32 of the thirty before them in base 62, as in tokens of GitHub and npm
 * (github.blog, "Behind GitHub's new authentication token formats").
 */
export function crc32Base62(text: string): boolean {
  if (text.length < 36) return false;
  let rest = crc32(text.slice(-36, -6));
  for (let i = 1; i <= 6; i++) {
    if (text[text.length - i] !== DIGITS[rest % 62]) return false;
    rest = Math.floor(rest / 62);
  }
  return true;
}
