/**
 * The rejection threshold of a consistent probability sampler in a tracestate, as T/2^56 (OpenTelemetry specification
 * 1.60, trace/tracestate-handling.md and tracestate-probability-sampling.md): `ot=th:<1 to 14 hex digits>`, padded with
 * zeros on the right. -1 where there is none that is valid.
 *
 * @param bytes tracestate in bytes[start, end)
 */
export function thresholdOf(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    while (bytes[at] === SPACE || bytes[at] === TAB) at++;
    if (bytes[at] === 0x6f && bytes[at + 1] === 0x74 && bytes[at + 2] === EQUALS) return inVendor(bytes, at + 3, end);
    while (at < end && bytes[at] !== COMMA) at++;
    at++;
  }
  return -1;
}

const SPACE = 0x20;
const TAB = 0x09;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const SEMICOLON = 0x3b;
const COLON = 0x3a;
const MAX_DIGITS = 14;

function inVendor(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end && bytes[at] !== COMMA; at++) {
    const begins = at === start || bytes[at - 1] === SEMICOLON;
    if (begins && bytes[at] === 0x74 && bytes[at + 1] === 0x68 && bytes[at + 2] === COLON) {
      return fraction(bytes, at + 3, end);
    }
  }
  return -1;
}

function fraction(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let scale = 1;
  let at = start;
  for (; at < end && bytes[at] !== COMMA && bytes[at] !== SEMICOLON; at++) {
    const digit = hexDigit(bytes[at]!);
    if (digit < 0 || at - start >= MAX_DIGITS) return -1;
    scale /= 16;
    value += digit * scale;
  }
  return at === start ? -1 : value;
}

function hexDigit(c: number): number {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  return c >= 0x61 && c <= 0x66 ? c - 0x57 : -1;
}
