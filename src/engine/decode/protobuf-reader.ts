/** Stands in a message's list of wire types for numbers that are no field. */
export const NO_FIELD = 9;
const LENGTH_DELIMITED = 2;
const SCHEMA = 'the types of opentelemetry-proto';

/** Bytes that are not the message they should be. Ends a walk inside this stage; outside of it problems are values. */
export class Malformed extends Error {
  constructor(
    readonly field: string,
    readonly what: string,
    readonly allowed: string,
  ) {
    super(what);
  }
}

/**
 * Reads protobuf wire format (protobuf.dev/programming-guides/encoding). Reading past the end gives zeros and moves the
 * position on, which the `mustEndAt` of the message around it finds.
 */
export class ProtobufReader {
  pos = 0;

  constructor(protected buf: Uint8Array) {}

  /** Base-128 varint; above 2^53 it is approximate, which only meets fields that nobody reads as a number. */
  varint(): number {
    const { buf } = this;
    let b = buf[this.pos++]!;
    if (b < 128) return b;
    let r = b & 127;
    b = buf[this.pos++]!;
    r |= (b & 127) << 7;
    if (b < 128) return r;
    b = buf[this.pos++]!;
    r |= (b & 127) << 14;
    if (b < 128) return r;
    b = buf[this.pos++]!;
    r |= (b & 127) << 21;
    return b < 128 ? r : this.longVarint(r);
  }

  fixed64(): number {
    const b = this.buf;
    const p = this.pos;
    const low = (b[p]! | (b[p + 1]! << 8) | (b[p + 2]! << 16) | (b[p + 3]! << 24)) >>> 0;
    const high = (b[p + 4]! | (b[p + 5]! << 8) | (b[p + 6]! << 16) | (b[p + 7]! << 24)) >>> 0;
    this.pos = p + 8;
    return high * 4294967296 + low;
  }

  fixed32(): number {
    const b = this.buf;
    const p = this.pos;
    this.pos = p + 4;
    return (b[p]! | (b[p + 1]! << 8) | (b[p + 2]! << 16) | (b[p + 3]! << 24)) >>> 0;
  }

  /** Reads the length of a nested message or text and gives the offset at which it ends. */
  messageEnd(end: number, field: string): number {
    const length = this.varint();
    const stop = this.pos + length;
    if (stop > end) throw new Malformed(field, 'the data ends before the field does', 'a complete message');
    return stop;
  }

  mustEndAt(end: number, field: string): void {
    if (this.pos !== end) throw new Malformed(field, 'the data ends inside a field', 'a complete message');
  }

  /** Skips a field that the walk has no use for; a field that the message knows must have its wire type. */
  skip(tag: number, end: number, wireTypes: readonly number[], where: string): void {
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (field === 0) throw new Malformed(`${where}#0`, 'not a field number', 'field numbers from 1');
    if ((wireTypes[field] ?? wireType) !== wireType) {
      throw new Malformed(`${where}#${field}`, `wire type ${wireType}`, SCHEMA);
    }
    if (wireType === LENGTH_DELIMITED) this.pos = this.messageEnd(end, `${where}#${field}`);
    else if (wireType === 0) this.varint();
    else if (wireType === 1) this.pos += 8;
    else if (wireType === 5) this.pos += 4;
    else throw new Malformed(`${where}#${field}`, `wire type ${wireType}`, SCHEMA);
  }

  private longVarint(low: number): number {
    let r = low;
    let scale = 2 ** 28;
    for (let i = 4; i < 10; i++) {
      const b = this.buf[this.pos++]!;
      r += (b & 127) * scale;
      if (b < 128) return r;
      scale *= 128;
    }
    throw new Malformed('', 'a varint of more than 10 bytes', SCHEMA);
  }
}
