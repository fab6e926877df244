import { decodeUtf8 } from '../encoding.js';

/** How many bytes before a value are searched for its name. */
const REACH = 80;

const NAME = 1;
/** Quotes, backslashes, white space: may stand around the sign between a name and its value. */
const AROUND = 2;
const BRACKET = 4;
const SPACE = 8;
/** What stands in the name of an option of a command line. */
const OPTION = 16;
const CLASS = new Uint8Array(256);
for (const c of 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-')
  CLASS[c.charCodeAt(0)] = NAME | OPTION;
for (const c of '.$[]') CLASS[c.charCodeAt(0)]! |= NAME;
for (const c of '\\"\'`') CLASS[c.charCodeAt(0)]! |= AROUND;
for (const c of ' \t\n\v\f\r') CLASS[c.charCodeAt(0)]! |= AROUND | SPACE;
CLASS[41] = BRACKET;

const DASH = 45;
const PERCENT = 37;
const TWO = 50;
const THREE = 51;

/**
 * The name that a text gives the value that begins at `start`: `page_token=`, `"pageToken": "`, `page[token]=>`,
 * `%22pageToken%22%3A%22`, `--page-token `; null where it gives none.
 */
export function nameBefore(bytes: Uint8Array, start: number): string | null {
  const least = Math.max(0, start - REACH);
  const sign = skipBack(bytes, least, start, AROUND);
  const behindName = signBefore(bytes, least, sign);
  if (behindName === sign) return optionBefore(bytes, least, start);
  const end = skipBack(bytes, least, behindName, AROUND | BRACKET);
  const from = runBack(bytes, least, end, NAME);
  return from === end ? null : decodeUtf8(bytes.subarray(from, end));
}

/** Where `=`, `=>`, `:`, `%3D` or `%3A` begins that ends at `end`; `end` where none does. */
function signBefore(bytes: Uint8Array, least: number, end: number): number {
  const last = end > least ? bytes[end - 1]! : 0;
  if (last === 61 || last === 58) return end - 1;
  if (last === 62) return end - 2 >= least && bytes[end - 2] === 61 ? end - 2 : end;
  const letter = last | 32;
  if ((letter !== 97 && letter !== 100) || end - 3 < least) return end;
  return bytes[end - 3] === PERCENT && bytes[end - 2] === THREE ? end - 3 : end;
}

/** `-p `, `--page-token "`. */
function optionBefore(bytes: Uint8Array, least: number, start: number): string | null {
  let end = start;
  if (end > least && (bytes[end - 1] === 34 || bytes[end - 1] === 39)) end--;
  const behind = runBack(bytes, least, end, SPACE);
  if (behind === end) return null;
  const from = runBack(bytes, least, behind, OPTION);
  if (bytes[from] !== DASH || (from > 0 && (from === least || (CLASS[bytes[from - 1]!]! & SPACE) === 0))) return null;
  const name = decodeUtf8(bytes.subarray(from, behind)).replace(/^--?/, '');
  return name === '' ? null : name;
}

/** Goes back over characters of the kinds, and over quotes in percent-encoding. */
function skipBack(bytes: Uint8Array, least: number, end: number, kinds: number): number {
  let at = end;
  for (;;) {
    if (at > least && (CLASS[bytes[at - 1]!]! & kinds) !== 0) at--;
    else if (at - 3 >= least && bytes[at - 3] === PERCENT && bytes[at - 2] === TWO && bytes[at - 1] === TWO) at -= 3;
    else return at;
  }
}

function runBack(bytes: Uint8Array, least: number, end: number, kinds: number): number {
  let at = end;
  while (at > least && (CLASS[bytes[at - 1]!]! & kinds) !== 0) at--;
  return at;
}
