import { createHmac, hash, hkdfSync } from 'node:crypto';
import { KeyedHash } from '../../engine/cardinality/keyed-hash.js';
import type { Fingerprint } from '../../engine/detect/scanner.js';
import { CanaryWatch } from '../../flow/canary-watch.js';
import { keyedFingerprint } from './fingerprint.js';
import { Sealing } from './sealing.js';

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

  fingerprint(tenant: string): Fingerprint {
    return keyedFingerprint(this.derive(tenant, 'fingerprint', 32));
  }

  /** Signs the ids of canaries. */
  canaries(tenant: string): CanaryWatch {
    const key = this.derive(tenant, 'canary', 32);
    const sign = (bytes: Uint8Array): Uint8Array => createHmac('sha256', key).update(bytes).digest().subarray(0, 16);
    return new CanaryWatch(sign, this.sketchHash(tenant));
  }

  sealing(tenant: string): Sealing {
    return new Sealing(this.derive(tenant, 'sealing', 32));
  }

  /** Key of the tenant's audit chain, 32 bytes. */
  auditChain(tenant: string): Uint8Array {
    return this.derive(tenant, 'audit-chain', 32);
  }

  /** Seed of the Ed25519 key (RFC 8032) that signs checkpoints of all audit chains, 32 bytes. */
  auditSigner(): Uint8Array {
    return this.derive('', 'audit-signer', 32);
  }

  private derive(tenant: string, purpose: string, length: number): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.masterKey, '', `spanwarden/${tenant}/${purpose}`, length));
  }
}
