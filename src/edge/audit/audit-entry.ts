import { createHmac } from 'node:crypto';
import { canonicalJson } from '../../engine/report/canonical.js';

/**
 * What became of an action: it was done; it was refused, to whoever asked; it failed here; or nobody knows, because the
 * process ended in the middle of it.
 */
export const AUDIT_OUTCOMES = ['done', 'refused', 'failed', 'unknown'] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

/** Facts beside an action: ids, counts, names of states. Never anything of the values of telemetry. */
export type AuditDetails = Readonly<Record<string, string | number | boolean | null | readonly string[]>>;

/** Something that somebody did, or that happened by itself. */
export interface AuditEntry {
  /** Subject of the caller, or `SYSTEM` where nobody asked. */
  readonly actor: string;
  /** Operation id of the API, or `<noun>.<verb>` of a step that is no request. */
  readonly action: string;
  /** `<noun>/<id>`, or the noun alone. */
  readonly object: string;
  /** `done` by default. */
  readonly outcome?: AuditOutcome;
  readonly details?: AuditDetails;
}

/** Actor of what happens by itself. */
export const SYSTEM = 'spanwarden';

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
