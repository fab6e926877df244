import { createHmac } from 'node:crypto';
import type { AuditEntry } from '../../engine/model/audit.js';
import { canonicalJson } from '../../engine/report/canonical.js';

export * from '../../engine/model/audit.js';

/** An entry in its place of the chain. */
export interface AuditEvent extends Required<AuditEntry> {
  readonly tenant: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /** UTC, ISO 8601, with milliseconds. */
  readonly at: string;
  /** Hash of the event before it, 64 hexadecimal digits; zeros for the first. */
  readonly prevHash: string;
}

/** The hash before the first event. */
export const GENESIS = '0'.repeat(64);

/**
 * HMAC-SHA-256 of an event as canonical JSON (RFC 8785), in hex.
 *
 * @param key of the tenant's chain
 */
export function chainHash(key: Uint8Array, event: AuditEvent): string {
  const { tenant, seq, at, actor, action, object, outcome, details, prevHash } = event;
  const content = { tenant, seq, at, actor, action, object, outcome, details, prev_hash: prevHash };
  return createHmac('sha256', key).update(canonicalJson(content)).digest('hex');
}
