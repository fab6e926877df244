import { BITCOIN_ALPHABET, decodeBase58 } from '../base58.js';

/** Base58 of 32 bytes, an address of Solana, or of 64, a key pair (solana.com, "Accounts"); there is no check sum. */
export function solanaKey(text: string): boolean {
  const length = decodeBase58(text, BITCOIN_ALPHABET)?.length;
  return length === 32 || length === 64;
}
