import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import type { AccessRole } from '../auth/roles.js';

/** What the OpenAPI document says of a route, beyond its method and path. */
export interface OperationDescription {
  readonly summary: string;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Status of success, 200 by default. */
  readonly status?: number;
  /** Body of success; a media type where it is no JSON, nothing where there is no body. */
  readonly answer?: z.ZodType | string;
  /** Body and answer, as far as there are any, may be YAML as well as JSON. */
  readonly yaml?: boolean;
  /** Statuses of errors, with what they mean. */
  readonly errors?: Readonly<Record<number, string>>;
  /** Who may call; `viewer` for what only reads and `editor` for the rest where nothing is said. */
  readonly access?: Access;
  /** What of it is in the audit log; see `auditOf`. */
  readonly audit?: Audit;
}

/** Who may call: anybody; programs on this machine or with any token (`local`); who has a role. */
export type Access = 'public' | 'local' | AccessRole;

/**
 * What is recorded of calls: nothing; that somebody `reads` what is confidential; that somebody `changes` something, or was
 * refused to. With `handler` the handler says with `recordAs` what, if anything.
 */
export type Audit = 'none' | 'reads' | 'changes' | 'handler';

const READING: ReadonlySet<string> = new Set(['get', 'head']);

/** Who may call a route. */
export function accessOf(description: OperationDescription | undefined, method: string): Access {
  return description?.access ?? (READING.has(method.toLowerCase()) ? 'viewer' : 'editor');
}

/** What is recorded of a route: by default every change, but for those that programs report all the time. */
export function auditOf(description: OperationDescription, method: string): Audit {
  if (description.audit !== undefined) return description.audit;
  const isOfPrograms = description.access === 'collector' || description.access === 'local';
  return READING.has(method.toLowerCase()) || isOfPrograms ? 'none' : 'changes';
}

export const OPERATION = 'spanwarden:operation';

/** Describes a route of the API; a test fails for a route without it. */
export function Operation(description: OperationDescription): MethodDecorator {
  return applyDecorators(SetMetadata(OPERATION, description), HttpCode(description.status ?? 200));
}
