import { hash } from 'node:crypto';
import type { FindingPlace } from '../../engine/model/evidence.js';

/** A UUID (version 8, RFC 9562 §5.8) that follows from the texts: the same row has the same id in every process. */
export function stableId(...texts: readonly (string | number)[]): string {
  const hex = hash('sha256', texts.join('\0'), 'hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const known = new Map<string, string>();
const MAX_KNOWN = 10_000;

/** Distribution key of a service: the first 64 bits of SHA-256, as the signed integer that PostgreSQL stores. */
export function distKey(tenant: string, service: string): string {
  const name = `${tenant}\0${service}`;
  let key = known.get(name);
  if (key === undefined) {
    key = String(BigInt.asIntN(64, BigInt(`0x${hash('sha256', name, 'hex').slice(0, 16)}`)));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(name, key);
  }
  return key;
}

export function findingId(tenant: string, f: FindingPlace): string {
  return stableId(tenant, f.kind, f.detector, f.service, f.environment, f.location, f.key, f.component);
}
