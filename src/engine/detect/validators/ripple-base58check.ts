import { isBase58Check, RIPPLE_ALPHABET } from '../base58.js';

/** Base58 in the alphabet of the XRP Ledger whose last four bytes are the double SHA-256 of the rest (xrpl.org, "base58 Encodings"). */
export function rippleBase58check(text: string): boolean {
  return isBase58Check(text, RIPPLE_ALPHABET);
}
