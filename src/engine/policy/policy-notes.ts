import type { Policy } from '../model/policy.js';
import { HASH_KEY_VARIABLE } from './keyed-hash.js';
import { fieldPath } from './statements.js';

/** What a collector does otherwise than a policy says, or needs for it. */
export function notesOn({ action, location, key }: Policy): string[] {
  switch (action.kind) {
    case 'keyed-hash':
      return [KEY];
    case 'keep':
      return location === 'resource' && !action.keys.includes('service.name') ? [SERVICE] : [];
    case 'drop':
      return [CHILDREN];
    case 'delete':
      return fieldPath(location, key) === undefined ? [] : [FIELD];
    default:
      return [];
  }
}

const KEY = `set ${HASH_KEY_VARIABLE} to 32 bytes or more wherever a collector runs, and have the slot of redaction in its pipeline; a collector without the key does not start with it`;
const SERVICE = 'service.name stays as well';
const CHILDREN =
  'it needs the slot of filter in the pipeline; children of a span that goes stay, without their parent, and the filter sees spans before any other policy';
const FIELD = 'a field cannot go, so its text becomes ****';
