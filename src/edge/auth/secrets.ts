import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.js';

/** The secrets of an installation: given by the environment, or made on the first start and kept in the home folder. */
export interface Secrets {
  readonly adminToken: string;
  readonly collectorToken: string;
  readonly masterKey: Uint8Array;
}

/** Begins our tokens, so that scanners (ours among them) recognise one that went astray. */
const TOKEN_PREFIX = 'spw_';

export function loadSecrets(config: Config): Secrets {
  const kept = (name: string, make: () => string): string => {
    const file = join(config.home, name);
    if (!existsSync(file)) writeFileSync(file, `${make()}\n`, { mode: 0o600, flag: 'wx' });
    return readFileSync(file, 'utf8').trim();
  };
  const newToken = (): string => TOKEN_PREFIX + randomBytes(24).toString('base64url');
  return {
    adminToken: config.adminToken ?? kept('admin-token', newToken),
    collectorToken: config.collectorToken ?? kept('collector-token', newToken),
    masterKey:
      config.masterKey ??
      Buffer.from(
        kept('master-key', () => randomBytes(32).toString('base64')),
        'base64',
      ),
  };
}

/** SHA-256 in hex: what is kept of a secret that somebody else holds. */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Compares secrets in a time that does not depend on where they differ. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(secretHash(a), 'hex'), Buffer.from(secretHash(b), 'hex'));
}
