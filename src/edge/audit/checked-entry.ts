import type { AuditDetails, AuditEntry } from './audit-entry.js';

/** What says whether a text holds what a detector finds; see `TextGuard`. */
export interface TextFinder {
  findsIn(tenant: string, value: string): boolean;
}

/** What stands in the place of a text that a detector found something in. */
export const MASKED = '(masked)';

const MAX_TEXT = 300;
const MAX_DETAILS = 32;
const MAX_LIST = 200;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * An entry as it can be kept: with no text that a detector finds something in, and none that PostgreSQL or JSON would give
 * back in another form than it was hashed in.
 *
 * @throws RangeError where there are too many details, or one that is no finite number
 */
export function checkedEntry(tenant: string, entry: AuditEntry, guard: TextFinder): Required<AuditEntry> {
  const clean = (text: string): string => cleanText(tenant, text, guard);
  return {
    actor: clean(entry.actor),
    action: clean(entry.action),
    object: clean(entry.object),
    outcome: entry.outcome ?? 'done',
    details: cleanDetails(entry.details ?? {}, clean),
  };
}

function cleanText(tenant: string, text: string, guard: TextFinder): string {
  const plain = text
    .slice(0, MAX_TEXT)
    .replace(/\p{Cs}/gu, '\ufffd')
    .replace(/\p{Cc}/gu, ' ');
  // An id of ours is no finding, whatever its digits look like.
  const named = plain.split('/').filter((part) => !UUID.test(part));
  return named.length > 0 && guard.findsIn(tenant, named.join('/')) ? MASKED : plain;
}

function cleanDetails(details: AuditDetails, clean: (text: string) => string): AuditDetails {
  const entries = Object.entries(details);
  if (entries.length > MAX_DETAILS) throw new RangeError(`details: too many; at most ${MAX_DETAILS}`);
  return Object.fromEntries(entries.map(([name, value]) => [clean(name), cleanDetail(name, value, clean)]));
}

function cleanDetail(name: string, value: AuditDetails[string], clean: (text: string) => string): AuditDetails[string] {
  if (typeof value === 'string') return clean(value);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw new RangeError(`details.${name}: not a number; a finite number`);
  }
  if (value === null || typeof value === 'boolean') return value;
  if (value.length > MAX_LIST) throw new RangeError(`details.${name}: too many; at most ${MAX_LIST}`);
  return value.map(clean);
}
