import { decodeBase64, decodeUtf8, isUtf8 } from '../encoding.js';
import type { Encoding } from '../model/finding.js';
import { HAS_CAPITAL, HAS_DIGIT, HAS_ESCAPE, HAS_SMALL } from './shape.js';

/** A piece of a text that stands for another text. */
export interface Encoded {
  /** UTF-16 code units in the text it was found in. */
  readonly start: number;
  readonly end: number;
  readonly encoding: Encoding;
  readonly text: string;
}

/** Shorter runs of base64 or hex hold nothing that a detector could find. */
const LEAST_BASE64 = 20;
const LEAST_HEX = 32;
const LONGEST = 65_536;
const NOTHING: readonly Encoded[] = [];
const nothing = (): boolean => false;

const PERCENT = /%[0-9A-Fa-f]{2}/;
const ESCAPE = /\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|["\\/bfnrt])/g;
const CONTROLS: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
/** A run that can be base64 or hex, not part of a longer word. */
const RUN = /[A-Za-z0-9+/_-]{20,}={0,2}/g;
const HEX = /^(?:[0-9a-f]{2})+$/i;

/**
 * Whether bytes[start, end), which have these kinds of characters (bits of `KIND`), may hold encoded text: a quick look
 * that lets through all that `encodedIn` finds, and of ids and digests only a few.
 */
export function mayBeEncoded(bytes: Uint8Array, start: number, end: number, kinds: number): boolean {
  if ((kinds & HAS_ESCAPE) !== 0) return true;
  const mixed = (kinds & (HAS_CAPITAL | HAS_SMALL)) === (HAS_CAPITAL | HAS_SMALL);
  const least = mixed ? LEAST_BASE64 : LEAST_HEX;
  if (end - start < least || (!mixed && (kinds & HAS_DIGIT) === 0)) return false;
  // Looks for a run of so many characters from its end backwards, so that in prose few are looked at.
  let from = start;
  while (from + least <= end) {
    let i = from + least - 1;
    while (i >= from && SIX_BITS[bytes[i]!]! >= 0) i--;
    if (i < from) {
      if ((mixed && beginsAsBase64(bytes, from)) || beginsAsHex(bytes, from)) return true;
      i = from + least;
      while (i < end && SIX_BITS[bytes[i]!]! >= 0) i++;
    }
    from = i + 1;
  }
  return false;
}

/** Whether the eight characters at `at` are hex of printable ASCII: of hundred digests two begin like that. */
function beginsAsHex(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 8; i += 2) {
    const high = NIBBLE[bytes[i]!]!;
    const low = NIBBLE[bytes[i + 1]!]!;
    if (high < 0 || low < 0 || high > 7 || !isText((high << 4) | low)) return false;
  }
  return true;
}

function beginsAsBase64(bytes: Uint8Array, at: number): boolean {
  for (let i = at; i < at + 12; i += 4) {
    const four =
      (SIX_BITS[bytes[i]!]! << 18) |
      (SIX_BITS[bytes[i + 1]!]! << 12) |
      (SIX_BITS[bytes[i + 2]!]! << 6) |
      SIX_BITS[bytes[i + 3]!]!;
    if (!isText(four >>> 16) || !isText((four >>> 8) & 255) || !isText(four & 255)) return false;
  }
  return true;
}

function isText(byte: number): boolean {
  return (byte >= 32 && byte !== 127) || byte === 9 || byte === 10 || byte === 13;
}

/**
 * What a text holds in percent-encoding (RFC 3986 §2.1), backslash escapes (RFC 8259 §7, `\xNN`), base64 (RFC 4648) and
 * hex. The first two decode the text as a whole, the others run by run, where the result is printable text.
 *
 * @param isKnown says of a piece, in UTF-16 code units of the text, that nobody asks for it
 */
export function encodedIn(
  text: string,
  isKnown: (start: number, end: number) => boolean = nothing,
): readonly Encoded[] {
  const percent = text.includes('%');
  const escaped = text.includes('\\');
  if (text.length > LONGEST || (text.length < LEAST_BASE64 && !percent && !escaped)) return NOTHING;
  if (isKnown(0, text.length)) return NOTHING;
  const found: Encoded[] = [];
  if (percent && PERCENT.test(text)) found.push(whole(text, 'percent-encoded', decodePercent(text)));
  if (escaped) {
    const plain = text.replace(ESCAPE, unescapeOne);
    if (plain !== text) found.push(whole(text, 'escaped', plain));
  }
  for (const { index, 0: run } of text.matchAll(RUN)) {
    if (isKnown(index, index + run.length)) continue;
    const decoded = decodeRun(run);
    if (decoded !== null) found.push({ start: index, end: index + run.length, ...decoded });
  }
  return found;
}

function whole(text: string, encoding: Encoding, decoded: string): Encoded {
  return { start: 0, end: text.length, encoding, text: decoded };
}

/** Percent-encoded bytes as UTF-8; what is no UTF-8 becomes U+FFFD, and a plus stands for a space in a form. */
function decodePercent(text: string): string {
  return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => {
    const bytes = Uint8Array.from({ length: run.length / 3 }, (_, i) =>
      Number.parseInt(run.slice(3 * i + 1, 3 * i + 3), 16),
    );
    return decodeUtf8(bytes);
  });
}

function unescapeOne(sequence: string): string {
  const kind = sequence[1]!;
  if (kind === 'u' || kind === 'x') return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
  return CONTROLS[kind] ?? kind;
}

function decodeRun(run: string): Pick<Encoded, 'encoding' | 'text'> | null {
  if (HEX.test(run)) {
    if (run.length < LEAST_HEX) return null;
    const bytes = Uint8Array.from({ length: run.length / 2 }, (_, i) =>
      Number.parseInt(run.slice(2 * i, 2 * i + 2), 16),
    );
    return bytes.subarray(0, 4).every((byte) => byte < 128) && isPrintable(bytes)
      ? { encoding: 'hex', text: decodeUtf8(bytes) }
      : null;
  }
  if (!/[a-z]/.test(run) || !/[A-Z]/.test(run)) return null;
  const bytes = decodeBase64(run);
  return bytes !== null && isPrintable(bytes) ? { encoding: 'base64', text: decodeUtf8(bytes) } : null;
}

/** Text as people and programs write it: UTF-8 without control characters but white space. */
function isPrintable(bytes: Uint8Array): boolean {
  return bytes.every(isText) && isUtf8(bytes);
}

/** By byte: its six bits in base64 or base64url, its four in hex, or -1. */
const SIX_BITS = new Int8Array(256).fill(-1);
for (const [i, c] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  SIX_BITS[c.charCodeAt(0)] = i;
}
SIX_BITS[45] = 62;
SIX_BITS[95] = 63;
const NIBBLE = new Int8Array(256).fill(-1);
for (const [i, c] of [...'0123456789abcdef'].entries()) NIBBLE[c.charCodeAt(0)] = i;
for (const [i, c] of [...'ABCDEF'].entries()) NIBBLE[c.charCodeAt(0)] = 10 + i;
