const COMMA = 44;
const COLON = 58;
const SEMICOLON = 59;
const MAX_ENTRY = 256;
const DIGITS = 14;
const HALF = 2 ** 28;

/** What the last `ot` entry said: 56 bits each, as two halves of 28; -1 where it is not there. */
let thresholdHigh = -1;
let thresholdLow = 0;
let randomHigh = -1;
let randomLow = 0;

/**
 * How many spans a span stands for, from the sampling threshold in its tracestate (`ot=th:<1-14 hex>;rv:<14 hex>`):
 * 2⁵⁶ / (2⁵⁶ − T). 0 where it cannot be known: no threshold, a malformed one, or one that would have dropped the trace.
 * OpenTelemetry specification, trace/tracestate-handling.md and tracestate-probability-sampling.md.
 *
 * @param start offsets of the text of the tracestate; start -1 where there is none
 * @param traceId offset of the trace id, or -1; its last 7 bytes are the randomness where there is no `rv`
 */
export function samplingWeight(bytes: Uint8Array, start: number, end: number, traceId: number): number {
  if (start < 0 || !readEntries(bytes, start, end) || thresholdHigh < 0) return 0;
  if (randomHigh < 0) {
    if (traceId < 0) return 0;
    randomHigh = (bytes[traceId + 9]! << 20) | (bytes[traceId + 10]! << 12);
    randomHigh |= (bytes[traceId + 11]! << 4) | (bytes[traceId + 12]! >> 4);
    randomLow = ((bytes[traceId + 12]! & 15) << 24) | (bytes[traceId + 13]! << 16);
    randomLow |= (bytes[traceId + 14]! << 8) | bytes[traceId + 15]!;
  }
  const isDropped = randomHigh < thresholdHigh || (randomHigh === thresholdHigh && randomLow < thresholdLow);
  return isDropped ? 0 : (HALF * HALF) / ((HALF - thresholdHigh) * HALF - thresholdLow);
}

/** Looks for the entry `ot=` in the list (W3C Trace Context, tracestate); false where it is malformed or there twice. */
function readEntries(bytes: Uint8Array, start: number, end: number): boolean {
  thresholdHigh = randomHigh = -1;
  let found = false;
  for (let at = start; at < end; ) {
    let stop = at;
    while (stop < end && bytes[stop] !== COMMA) stop++;
    let from = at;
    while (from < stop && isBlank(bytes[from]!)) from++;
    if (from + 3 <= stop && bytes[from] === 111 && bytes[from + 1] === 116 && bytes[from + 2] === 61) {
      let to = stop;
      while (isBlank(bytes[to - 1]!)) to--;
      if (found || to - from > MAX_ENTRY || !readFields(bytes, from + 3, to)) return false;
      found = true;
    }
    at = stop + 1;
  }
  return found;
}

/** Reads `key:value` pairs with `;` between them; those that are not `th` or `rv` are passed over. */
function readFields(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    let stop = at;
    while (stop < end && bytes[stop] !== SEMICOLON) stop++;
    if (at + 3 <= stop && bytes[at + 2] === COLON) {
      const length = stop - at - 3;
      if (bytes[at] === 116 && bytes[at + 1] === 104) {
        if (thresholdHigh >= 0 || length < 1 || length > DIGITS) return false;
        thresholdHigh = hexDigits(bytes, at + 3, stop, 0);
        thresholdLow = hexDigits(bytes, at + 3, stop, 7);
        if (thresholdHigh < 0 || thresholdLow < 0) return false;
      } else if (bytes[at] === 114 && bytes[at + 1] === 118) {
        if (randomHigh >= 0 || length !== DIGITS) return false;
        randomHigh = hexDigits(bytes, at + 3, stop, 0);
        randomLow = hexDigits(bytes, at + 3, stop, 7);
        if (randomHigh < 0 || randomLow < 0) return false;
      }
    }
    at = stop + 1;
  }
  return true;
}

/** Seven digits from the first one on, with zeros where the text ends before; -1 for what is no lower-case digit. */
function hexDigits(bytes: Uint8Array, start: number, end: number, first: number): number {
  let value = 0;
  for (let i = start + first; i < start + first + 7; i++) {
    const c = i < end ? bytes[i]! : 48;
    if (c >= 48 && c <= 57) value = value * 16 + c - 48;
    else if (c >= 97 && c <= 102) value = value * 16 + c - 87;
    else return -1;
  }
  return value;
}

function isBlank(c: number): boolean {
  return c === 32 || c === 9;
}
