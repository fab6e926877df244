import { BITCOIN_ALPHABET, isBase58Check } from '../base58.js';

/** Base58 whose last four bytes are the double SHA-256 of the rest, as in addresses and keys of Bitcoin and its kin (Base58Check). */
export function base58check(text: string): boolean {
  return isBase58Check(text, BITCOIN_ALPHABET);
}
