import { randomInt } from 'node:crypto';
import { crc32 } from '../../engine/detect/crc32.js';
import { crc32Base62 } from '../../engine/detect/validators/crc32-base62.js';

const PREFIX = 'spw_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_DIGITS = 30;
const FORM = /^spw_[0-9A-Za-z]{36}$/;

/**
 * A new token: `spw_`, thirty random characters in base 62 (178 bits), and six that are the CRC-32 of these, so that
 * scanners recognise a token without asking anybody.
 */
export function makeAccessToken(): string {
  const secret = Array.from({ length: RANDOM_DIGITS }, () => DIGITS[randomInt(DIGITS.length)]).join('');
  let rest = crc32(secret);
  let sum = '';
  for (let i = 0; i < 6; i++) {
    sum = DIGITS[rest % 62]! + sum;
    rest = Math.floor(rest / 62);
  }
  return PREFIX + secret + sum;
}

/** Whether a text has the form and the check sum of a token. */
export function isAccessToken(text: string): boolean {
  return FORM.test(text) && crc32Base62(text);
}
