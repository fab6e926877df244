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
