import type { FastifyRequest } from 'fastify';
import type { AuditDetails } from './audit-entry.js';

/** What a request that somebody judged leaves for its record. */
export interface RequestNote {
  /** Of a change that has begun. */
  pending?: string;
  /** Id of what was made. */
  made?: string;
  details?: AuditDetails;
  isRead?: boolean;
}

declare module 'fastify' {
  interface FastifyRequest {
    auditNote?: RequestNote;
  }
}

export function noteOf(request: FastifyRequest): RequestNote {
  return (request.auditNote ??= {});
}

/** Adds facts to the record of a request: ids, counts, names of states. Never anything of the values of telemetry. */
export function addDetails(request: FastifyRequest, details: AuditDetails): void {
  const note = noteOf(request);
  note.details = { ...note.details, ...details };
}

/** Has a request recorded as a read, of a route that leaves it to its handler. */
export function recordRead(request: FastifyRequest): void {
  noteOf(request).isRead = true;
}
