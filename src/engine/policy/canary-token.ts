import { hex } from '../encoding.js';

/** A text that was planted in a canary: its length in bytes and its keyed hash, of 53 bits. */
export interface PlantedText {
  readonly length: number;
  readonly hash: number;
}

/**
 * What a canary says of itself: enough to judge it wherever it is received, without a look at what was planted, which is
 * kept nowhere.
 */
export interface CanaryToken {
  /** UUID. */
  readonly run: string;
  /** Its number in the run, below 65,536. */
  readonly item: number;
  /** Seconds since the epoch; afterwards it is a span like any other. */
  readonly expires: number;
  /** Texts that policies are to take out, below 256 of them. */
  readonly texts: readonly PlantedText[];
  /** Keyed hashes of attributes that policies are to take out, by `keyName`. */
  readonly keys: readonly number[];
}

const VERSION = 1;
const HEAD = 1 + 16 + 2 + 4;
const TEXT = 2 + 8;
const KEY = 8;
/** Tags that keep hashes of the two kinds apart. */
export const TEXT_HASH = 0x63616e74;
export const KEY_HASH = 0x63616e6b;

/** What the keyed hash of an attribute is of. */
export function keyName(location: string, key: string): Uint8Array {
  return new TextEncoder().encode(`${location}\0${key}`);
}

export function writeToken({ run, item, expires, texts, keys }: CanaryToken): Uint8Array {
  const bytes = new Uint8Array(HEAD + 2 + texts.length * TEXT + keys.length * KEY);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes.set(fromHex(run.replace(/-/g, ''))!, 1);
  view.setUint16(17, item);
  view.setUint32(19, expires);
  let at = HEAD;
  bytes[at++] = texts.length;
  for (const { length, hash } of texts) {
    view.setUint16(at, length);
    view.setFloat64(at + 2, hash);
    at += TEXT;
  }
  bytes[at++] = keys.length;
  for (const hash of keys) {
    view.setFloat64(at, hash);
    at += KEY;
  }
  return bytes;
}

/** Reads what `writeToken` wrote and somebody signed; null for anything else. */
export function readToken(bytes: Uint8Array): CanaryToken | null {
  if (bytes.length < HEAD + 2 || bytes[0] !== VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numberOfTexts = bytes[HEAD]!;
  const keysAt = HEAD + 1 + numberOfTexts * TEXT;
  if (bytes.length !== keysAt + 1 + (bytes[keysAt] ?? 0) * KEY) return null;
  return {
    run: [4, 2, 2, 2, 6].map((size, i, sizes) => hex(bytes, 1 + sum(sizes.slice(0, i)), size)).join('-'),
    item: view.getUint16(17),
    expires: view.getUint32(19),
    texts: Array.from({ length: numberOfTexts }, (_, i) => {
      const at = HEAD + 1 + i * TEXT;
      return { length: view.getUint16(at), hash: view.getFloat64(at + 2) };
    }),
    keys: Array.from({ length: bytes[keysAt]! }, (_, i) => view.getFloat64(keysAt + 1 + i * KEY)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}

/** Null for what is no hexadecimal of whole bytes in lower case. */
export function fromHex(text: string): Uint8Array | null {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) return null;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
