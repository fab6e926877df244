import { cookies } from './cookies.js';
import { json } from './json.js';
import type { Part, Structure } from './part.js';
import { sql } from './sql.js';
import { stackTrace } from './stack-trace.js';
import { query, url } from './url.js';

/** The table of forms that values have. */
export const STRUCTURES = {
  cookies,
  json,
  query,
  sql,
  'stack-trace': stackTrace,
  url,
} as const satisfies Readonly<Record<string, Structure>>;

export type StructureName = keyof typeof STRUCTURES;

/** The form of a text by its looks, where it has one. */
function formOf(text: string): StructureName | null {
  if (/^\s*[{[][\s"{[\d\]}-]/.test(text)) return 'json';
  if (/^[A-Za-z][A-Za-z0-9+.-]{1,30}:\/\/\S/.test(text)) return 'url';
  return null;
}

/** Statements of other query languages stand under the same keys as SQL, and what is code there is not known. */
function sqlFormOf(text: string): StructureName | null {
  const isSql =
    /^[\s(]*(?:\/\*|--|select|insert|update|delete|with|merge|upsert|replace|create|alter|drop|truncate|explain|call|exec(?:ute)?)\b/i;
  return isSql.test(text) ? 'sql' : formOf(text);
}

/** The parts of a text: by its looks where these are plain, else by what its key says; none where it is just text. */
export function partsOf(text: string, byKey: StructureName | null): readonly Part[] {
  const form = byKey === 'sql' ? sqlFormOf(text) : byKey === 'stack-trace' ? byKey : (formOf(text) ?? byKey);
  return form === null ? [] : STRUCTURES[form](text);
}
