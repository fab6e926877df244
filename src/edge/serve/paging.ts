import { problem } from '../../engine/problem.js';
import { ApiError } from './problems.js';

/** A page of an API list: cursors are opaque to clients, and only say where the next page begins. */
export function encodeCursor(position: Readonly<Record<string, string | number>>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @param fields that the cursor must have, with a test for each */
export function decodeCursor<T>(
  cursor: string | undefined,
  fields: Readonly<Record<keyof T & string, (value: unknown) => boolean>>,
): T | null {
  if (cursor === undefined) return null;
  try {
    const position = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Record<string, unknown>;
    const valid = Object.entries<(value: unknown) => boolean>(fields).every(([name, holds]) => holds(position[name]));
    if (valid) return position as T;
  } catch {
    // Falls through to the same problem as a cursor of the wrong fields.
  }
  const problems = [problem('invalid', 'query.cursor', 'not valid', '`next_cursor` of the page before')];
  throw new ApiError(400, 'invalid-request', 'the request has fields that are not valid', problems);
}

export const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value));
export const isUuid = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value);
export const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0;

/** One row more than the page is asked for, to know whether there is a next one. */
export function pageOf<R, D>(
  rows: readonly R[],
  limit: number,
  show: (row: R) => D,
  position: (last: R) => Readonly<Record<string, string | number>>,
): { data: D[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { data: shown.map(show), next_cursor: more ? encodeCursor(position(last)) : null };
}
