import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { decodeUtf8 } from '../engine/encoding.js';
import { INT, STRING } from '../engine/model/location.js';
import { AttributeView } from '../engine/model/span-view.js';

/** Values of enums are words; what is longer is none. */
const MAX_BYTES = 256;

/** Says whether values are among those of an enum, and keeps nothing of them. */
export class EnumCheck {
  private readonly reader = new AttributeReader(DEFAULT_DECODE_LIMITS);
  private readonly view = new AttributeView();

  /** Whether the attribute in bytes[start, end) has a text or whole number that is none of `values`. */
  isOutside(bytes: Uint8Array, start: number, end: number, values: ReadonlySet<string>): boolean {
    const { view } = this;
    if (this.reader.read(bytes, start, end, view) !== null) return false;
    if (view.type === STRING) {
      const [from, to] = [view.leafStart[0]!, view.leafEnd[0]!];
      return to - from > MAX_BYTES || !values.has(decodeUtf8(bytes.subarray(from, to)));
    }
    return view.type === INT && !values.has(String(varint(bytes, view.leafStart[0]!, view.leafEnd[0]!)));
  }
}

function varint(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0n;
  for (let i = end - 1; i >= start; i--) value = (value << 7n) | BigInt(bytes[i]! & 127);
  return BigInt.asIntN(64, value);
}
