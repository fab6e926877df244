import { createHmac, hash } from 'node:crypto';
import type { Fingerprint } from '../../engine/detect/scanner.js';

const BLOCK = 64;
const LONGEST = 4096;

/**
 * HMAC-SHA-256 (RFC 2104) of detector and match, cut to 128 bits, in hex. Most matches are short, and for those two
 * one-shot hashes over buffers that are there already take half the time of an Hmac object.
 *
 * @param key at most 64 bytes
 */
export function keyedFingerprint(key: Uint8Array): Fingerprint {
  const inner = Buffer.alloc(BLOCK + LONGEST, 0x36);
  const outer = Buffer.alloc(BLOCK + 32, 0x5c);
  for (let i = 0; i < key.length; i++) {
    inner[i]! ^= key[i]!;
    outer[i]! ^= key[i]!;
  }
  return (detector, match) => {
    const text = `${detector}\0${match}`;
    if (3 * text.length > LONGEST) return createHmac('sha256', key).update(text).digest('hex').slice(0, 32);
    const length = inner.write(text, BLOCK);
    outer.set(hash('sha256', inner.subarray(0, BLOCK + length), 'buffer'), BLOCK);
    return hash('sha256', outer, 'hex').slice(0, 32);
  };
}
