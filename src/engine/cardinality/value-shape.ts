/*
 * The form of a value: every letter and digit stands for its class only, so that it tells an order number from a UUID
 * and nothing of which one it is.
 */

/** So many groups of letters and digits are told apart; the rest is `…`. */
const MAX_GROUPS = 6;
/** Lengths beyond it are told as more than it. */
const MAX_LENGTH = 64;
/** Bytes that a form takes at most. */
export const MAX_SHAPE_BYTES = 96;
const MAX_BODY = MAX_SHAPE_BYTES - 16;

const DIGIT = 1;
const LOWER = 2;
const UPPER = 4;
const HEX = 8;
/** By byte: its class; 0 for what stands between groups. Bytes beyond ASCII are letters. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 48 && byte <= 57) return DIGIT;
  if (byte >= 65 && byte <= 90) return byte <= 70 ? UPPER | HEX : UPPER;
  if (byte >= 97 && byte <= 122) return byte <= 102 ? LOWER | HEX : LOWER;
  return byte >= 128 ? LOWER : 0;
});
const KEPT = new Set('@.-_:/+()=&?,; ');
/** By byte: what shows of it between groups; 0 where it is one of a group. */
const SHOWN = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (CLASSES[byte] !== 0) return 0;
  return KEPT.has(String.fromCharCode(byte)) ? byte : 42;
});
const UUID = [8, 4, 4, 4, 12];

/**
 * Writes the form of UTF-8 text into `out`: `9{4}` for four digits, `a` for lower-case letters, `A` for upper-case ones,
 * `Aa` for both, `h` for hexadecimal digits with both letters and digits, `x` for other mixtures, `uuid` for a UUID. Of
 * what stands between, separators are kept and the rest is `*`.
 *
 * @returns its length, at most MAX_SHAPE_BYTES
 */
export function writeShape(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let at = 0;
  let groups = 0;
  for (let i = start; i < end; ) {
    if (groups === MAX_GROUPS || at > MAX_BODY) return write(out, at, '\u2026');
    const shown = SHOWN[bytes[i]!]!;
    if (shown !== 0) {
      out[at++] = shown;
      i++;
      continue;
    }
    const from = i;
    groups++;
    if (isUuid(bytes, i, end)) {
      at = write(out, at, 'uuid');
      i += 36;
      continue;
    }
    let seen = 0;
    let other = 0;
    let length = 0;
    for (; i < end && SHOWN[bytes[i]!] === 0; i++) {
      const byte = bytes[i]!;
      // Bytes that continue a character of UTF-8 are no characters.
      if (byte < 128 || byte >= 192) length++;
      seen |= CLASSES[byte]!;
      other |= (CLASSES[byte]! & (DIGIT | HEX)) === 0 ? 1 : 0;
    }
    at = write(out, at, letterOf(seen, other === 0, i - from));
    if (length > 1) at = write(out, at, length > MAX_LENGTH ? `{${MAX_LENGTH}+}` : LENGTHS[length]!);
  }
  return at;
}

const LENGTHS = Array.from({ length: MAX_LENGTH + 1 }, (_, n) => `{${n}}`);

function letterOf(seen: number, isHex: boolean, length: number): string {
  const kinds = seen & (DIGIT | LOWER | UPPER);
  if (kinds === DIGIT) return '9';
  if (kinds === LOWER) return 'a';
  if (kinds === UPPER) return 'A';
  if (kinds === (LOWER | UPPER)) return 'Aa';
  return isHex && length > 4 ? 'h' : 'x';
}

function isUuid(bytes: Uint8Array, start: number, end: number): boolean {
  if (start + 36 > end) return false;
  let at = start;
  for (const [n, length] of UUID.entries()) {
    if (n > 0 && bytes[at++] !== 45) return false;
    for (const stop = at + length; at < stop; at++) if ((CLASSES[bytes[at]!]! & (DIGIT | HEX)) === 0) return false;
  }
  return at === end || SHOWN[bytes[at]!] !== 0;
}

function write(out: Uint8Array, at: number, text: string): number {
  if (text === '\u2026') {
    out[at++] = 0xe2;
    out[at++] = 0x80;
    out[at++] = 0xa6;
    return at;
  }
  for (let i = 0; i < text.length; i++) out[at++] = text.charCodeAt(i);
  return at;
}
