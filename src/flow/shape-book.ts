import { Interner } from '../engine/aggregate/interner.js';
import { MAX_SHAPE_BYTES, writeShape } from '../engine/cardinality/value-shape.js';
import { DEFAULT_DECODE_LIMITS } from '../engine/decode/limits.js';
import { AttributeReader } from '../engine/decode/otlp-attribute.js';
import { decodeUtf8 } from '../engine/encoding.js';
import { INT, STRING } from '../engine/model/location.js';
import { AttributeView } from '../engine/model/span-view.js';

/** Values whose form is remembered, a power of two; they take 10 bytes each. */
const VALUES = 1 << 16;
const MAX_SHAPES = 4_096;
const NONE = 0;

/** The forms of values, each found out when the value is first met; in a fixed amount of memory. */
export class ShapeBook {
  private readonly hashes = new Float64Array(VALUES).fill(-1);
  private readonly ids = new Uint16Array(VALUES);
  private readonly interner: Interner;
  private readonly shapes: string[] = [''];
  private readonly attribute = new AttributeView();
  private readonly reader = new AttributeReader(DEFAULT_DECODE_LIMITS);
  private readonly scratch = new Uint8Array(MAX_SHAPE_BYTES);

  constructor(seed: number) {
    this.interner = new Interner(MAX_SHAPES, seed);
  }

  /**
   * The form of the value of an attribute; '' where it is neither text nor a whole number.
   *
   * @param start of the KeyValue message, to `end`
   * @param hash of the value, by which it is known again
   */
  shape(bytes: Uint8Array, start: number, end: number, type: number, hash: number): string {
    if (type !== STRING && type !== INT) return '';
    const slot = hash & (VALUES - 1);
    if (this.hashes[slot] !== hash) {
      this.ids[slot] = this.learn(bytes, start, end, type);
      this.hashes[slot] = hash;
    }
    return this.shapes[this.ids[slot]!]!;
  }

  private learn(bytes: Uint8Array, start: number, end: number, type: number): number {
    const { attribute, scratch, shapes } = this;
    if (this.reader.read(bytes, start, end, attribute) !== null || attribute.leaves !== 1) return NONE;
    const [from, to] = [attribute.leafStart[0]!, attribute.leafEnd[0]!];
    const length = type === STRING ? writeShape(bytes, from, to, scratch) : writeDigits(bytes, from, to, scratch);
    if (length === 0) return NONE;
    if (this.interner.full) this.forget();
    const id = this.interner.intern(scratch, 0, length) + 1;
    if (id === shapes.length) shapes.push(decodeUtf8(scratch.subarray(0, length)));
    return id;
  }

  private forget(): void {
    this.interner.clear();
    this.shapes.length = 1;
    this.hashes.fill(-1);
  }
}

/** The form of a varint: as many nines as it has decimal digits. */
function writeDigits(bytes: Uint8Array, start: number, end: number, out: Uint8Array): number {
  let value = 0;
  for (let i = end - 1; i >= start; i--) value = value * 128 + (bytes[i]! & 127);
  // A negative number is written as one of 64 bits.
  const isNegative = value >= 2 ** 63;
  const digits = String(isNegative ? 2 ** 64 - value : value).length;
  const shape = `${isNegative ? '-' : ''}9${digits > 1 ? `{${digits}}` : ''}`;
  for (let i = 0; i < shape.length; i++) out[i] = shape.charCodeAt(i);
  return shape.length;
}
