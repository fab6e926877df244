import { createHmac, hash, hkdfSync } from 'node:crypto';
import { KeyedHash } from '../../engine/cardinality/keyed-hash.js';
import type { Fingerprint } from '../../engine/detect/scanner.js';

/** Keys of the tenants, each derived from the master key by HKDF (RFC 5869) with SHA-256. */
export class Keyring {
  constructor(private readonly masterKey: Uint8Array) {}

  /** Tells installations apart without giving the key away: fingerprints of another key cannot be compared. */
  get id(): string {
    return hash('sha256', Buffer.from(this.derive('', 'id', 32)), 'hex').slice(0, 16);
  }

  sketchHash(tenant: string): KeyedHash {
    return new KeyedHash(this.derive(tenant, 'sketch', 16));
  }

  /** HMAC-SHA-256 of detector and match, cut to 128 bits, in hex. */
  fingerprint(tenant: string): Fingerprint {
    const key = this.derive(tenant, 'fingerprint', 32);
    return (detector, match) => createHmac('sha256', key).update(`${detector}\0${match}`).digest('hex').slice(0, 32);
  }

  private derive(tenant: string, purpose: string, length: number): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.masterKey, '', `spanwarden/${tenant}/${purpose}`, length));
  }
}
