import { keccak256 } from '../keccak256.js';

const encoder = new TextEncoder();

/** An Ethereum address whose capitals spell the check sum that Keccak-256 gives them (ERC-55, "Mixed-case checksum address encoding"). */
export function eip55(text: string): boolean {
  const address = text.replace(/^0x/i, '');
  if (!/^[0-9a-fA-F]{40}$/.test(address)) return false;
  const digest = keccak256(encoder.encode(address.toLowerCase()));
  return [...address].every((c, i) => {
    const nibble = (digest[i >> 1]! >> (i % 2 === 0 ? 4 : 0)) & 15;
    return c === (nibble > 7 ? c.toUpperCase() : c.toLowerCase());
  });
}
