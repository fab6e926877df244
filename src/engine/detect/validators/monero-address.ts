import { BITCOIN_ALPHABET, decodeBase58 } from '../base58.js';
import { keccak256 } from '../keccak256.js';

/** Monero writes every 8 bytes as 11 characters, and the 5 that are left of 69 as 7. */
const BLOCK = 11;
const ADDRESS = 95;
const BODY = 65;

/** A standard or sub-address of Monero: 69 bytes in base58 blocks, of which the last four are the Keccak-256 of the rest (docs.getmonero.org, "Standard address"). */
export function moneroAddress(text: string): boolean {
  if (text.length !== ADDRESS) return false;
  const bytes: number[] = [];
  for (let i = 0; i < ADDRESS; i += BLOCK) {
    const block = text.slice(i, i + BLOCK);
    const size = block.length === BLOCK ? 8 : 5;
    const decoded = decodeBase58(block.replace(/^1+/, ''), BITCOIN_ALPHABET);
    if (decoded === null || decoded.length > size) return false;
    bytes.push(...new Array<number>(size - decoded.length).fill(0), ...decoded);
  }
  const digest = keccak256(Uint8Array.from(bytes.slice(0, BODY)));
  return bytes.slice(BODY).every((byte, i) => byte === digest[i]);
}
