import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';

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
  readonly access?: Access;
}

/**
 * Who may call: anybody; programs on this machine or with any token (`local`); collectors and whoever may do everything
 * (`collector`); whoever may do everything, which is the default.
 */
export type Access = 'public' | 'local' | 'collector' | 'admin';

export const OPERATION = 'spanwarden:operation';

/** Describes a route of the API; a test fails for a route without it. */
export function Operation(description: OperationDescription): MethodDecorator {
  return applyDecorators(SetMetadata(OPERATION, description), HttpCode(description.status ?? 200));
}
