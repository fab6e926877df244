import { sha256 } from './sha256.js';

export const BITCOIN_ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** The same characters in the order of the XRP Ledger. */
export const RIPPLE_ALPHABET = 'rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz';

const CHECK_BYTES = 4;

/** The bytes that a base58 text stands for, each leading first character a zero byte; null for other characters. */
export function decodeBase58(text: string, alphabet: string): Uint8Array | null {
  let value = 0n;
  for (const c of text) {
    const digit = alphabet.indexOf(c);
    if (digit < 0) return null;
    value = value * 58n + BigInt(digit);
  }
  const bytes: number[] = [];
  for (; value > 0n; value >>= 8n) bytes.unshift(Number(value & 255n));
  for (let i = 0; i < text.length && text[i] === alphabet[0]; i++) bytes.unshift(0);
  return Uint8Array.from(bytes);
}

/** Whether the last four bytes are the first four of the double SHA-256 of those before. */
export function isBase58Check(text: string, alphabet: string): boolean {
  const bytes = decodeBase58(text, alphabet);
  if (bytes === null || bytes.length <= CHECK_BYTES) return false;
  const body = bytes.subarray(0, -CHECK_BYTES);
  const digest = sha256(sha256(body));
  return bytes.subarray(-CHECK_BYTES).every((byte, i) => byte === digest[i]);
}
