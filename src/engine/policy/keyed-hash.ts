import { REDACTION_SLOT } from './slots.js';

/*
 * Keyed hashes take two processors. `redaction` alone has HMAC and keeps its key out of what a collector tells of its
 * configuration, but it cannot tell services and locations apart; `transform` can. So `transform` puts a mark before the
 * texts that are meant, and `redaction` hashes texts with the mark, mark and all.
 */

/** What is hashed begins with it: the hash of `a` is HMAC-SHA-256 of `spanwarden:hmac:a`. */
export const HASH_MARK = 'spanwarden:hmac:';
/** Of RE2; all of the text. */
export const HASH_PATTERN = `(?s)^${HASH_MARK}.*$`;

/** Variable of the collector's environment that holds the key, 32 bytes or more. */
export const HASH_KEY_VARIABLE = 'SPANWARDEN_HMAC_KEY';

/**
 * The processor for the slot. The key is the one text of all that is served which a collector expands.
 *
 * @param isCounted whether spans get `redaction.masked.count`, an attribute with the number of values that were hashed
 */
export function redactionProcessor(isCounted: boolean): Readonly<Record<string, unknown>> {
  return {
    [REDACTION_SLOT]: {
      allow_all_keys: true,
      blocked_values: [HASH_PATTERN.replace(/\$/g, '$$$$')],
      hash_function: 'hmac-sha256',
      hmac_key: `\${env:${HASH_KEY_VARIABLE}}`,
      summary: isCounted ? 'info' : 'silent',
    },
  };
}
