import {
  isMessage,
  itemsOf,
  type MessageField,
  type MessageName,
  OTLP_MESSAGES,
  type PlainMessage,
  type ScalarType,
} from './otlp-messages.js';
import type { KeyValue, TraceRequest, TraceSpan } from './trace-request.js';

/*
 * Exact bytes of OTLP protobuf, without writing any (protobuf.dev/programming-guides/encoding, lengths as short as they
 * can be, as SDKs and collectors write them).
 */

/** Of a whole request. */
export function requestBytes(request: TraceRequest): number {
  return messageSize('request', request as PlainMessage);
}

/** Of a span in its request, with its tag and length. */
export function spanBytes(span: TraceSpan): number {
  return framed(messageSize('span', span as PlainMessage));
}

/** Of an attribute in whatever has it, with its tag and length. */
export function attributeBytes(attribute: KeyValue): number {
  return framed(messageSize('keyValue', attribute as PlainMessage));
}

/** Of a text field of a low number, with its tag and length; 0 for the empty text, which is not written. */
export function textBytes(text: string): number {
  return text === '' ? 0 : framed(utf8Size(text));
}

/** Fields up to number 15 have a tag of one byte. */
function framed(size: number): number {
  return 1 + varintSize(size) + size;
}

function messageSize(name: MessageName, message: PlainMessage): number {
  let size = 0;
  for (const field of OTLP_MESSAGES[name]) {
    const items = itemsOf(field, message);
    for (const item of items) size += tagSize(field) + valueSize(field, item);
    if (field.oneof && items.length > 0) return size;
  }
  return size;
}

function tagSize({ number }: MessageField): number {
  return number < 16 ? 1 : 2;
}

function valueSize({ type }: MessageField, value: unknown): number {
  if (!isMessage(type)) return SCALAR_SIZES[type](value);
  const size = messageSize(type, value as PlainMessage);
  return varintSize(size) + size;
}

const SCALAR_SIZES: Readonly<Record<ScalarType, (value: unknown) => number>> = {
  text: (value) => withLength(utf8Size(value as string)),
  hex: (value) => withLength((value as string).length / 2),
  base64: (value) => withLength(Math.floor(((value as string).replace(/=+$/, '').length * 3) / 4)),
  bool: () => 1,
  uint32: (value) => varintSize(value as number),
  int64: (value) => int64Size(BigInt(value as string | number)),
  double: () => 8,
  fixed32: () => 4,
  fixed64: () => 8,
};

function withLength(size: number): number {
  return varintSize(size) + size;
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}

function int64Size(value: bigint): number {
  if (value < 0n) return 10;
  let size = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) size++;
  return size;
}

/** A surrogate without its other half is written as U+FFFD, in three bytes. */
function utf8Size(text: string): number {
  let size = text.length;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x80) continue;
    size += code < 0x800 ? 1 : 2;
    if (code >= 0xd800 && code < 0xdc00 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
  }
  return size;
}
