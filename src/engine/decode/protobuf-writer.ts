const encoder = new TextEncoder();

/** Writes protobuf messages with minimal lengths into one growing buffer. */
export class ProtobufWriter {
  private buf = new Uint8Array(1 << 16);
  private pos = 0;

  finish(): Uint8Array {
    return this.buf.subarray(0, this.pos);
  }

  /** Bytes so far; `truncate` with it takes back what was written since. */
  mark(): number {
    return this.pos;
  }

  truncate(mark: number): void {
    this.pos = mark;
  }

  /** Opens a nested message and gives the handle that `close` wants. */
  open(field: number): number {
    this.varint(field * 8 + 2);
    this.reserve(1);
    return this.pos++;
  }

  /** Writes the length of the message that `open` began; the content moves up when the length needs more than a byte. */
  close(lengthAt: number): void {
    const length = this.pos - lengthAt - 1;
    const extra = varintSize(length) - 1;
    if (extra > 0) {
      this.reserve(extra);
      this.buf.copyWithin(lengthAt + 1 + extra, lengthAt + 1, this.pos);
    }
    const end = this.pos + extra;
    this.pos = lengthAt;
    this.varint(length);
    this.pos = end;
  }

  bytes(field: number, value: Uint8Array): void {
    this.varint(field * 8 + 2);
    this.varint(value.length);
    this.reserve(value.length);
    this.buf.set(value, this.pos);
    this.pos += value.length;
  }

  text(field: number, value: string): void {
    this.bytes(field, encoder.encode(value));
  }

  uint(field: number, value: number): void {
    this.varint(field * 8);
    this.varint(value);
  }

  int64(field: number, value: bigint): void {
    this.varint(field * 8);
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      this.byte(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  fixed32(field: number, value: number): void {
    this.varint(field * 8 + 5);
    this.reserve(4);
    new DataView(this.buf.buffer).setUint32(this.pos, value, true);
    this.pos += 4;
  }

  fixed64(field: number, value: bigint): void {
    this.varint(field * 8 + 1);
    this.reserve(8);
    new DataView(this.buf.buffer).setBigUint64(this.pos, BigInt.asUintN(64, value), true);
    this.pos += 8;
  }

  double(field: number, value: number): void {
    this.varint(field * 8 + 1);
    this.reserve(8);
    new DataView(this.buf.buffer).setFloat64(this.pos, value, true);
    this.pos += 8;
  }

  private varint(value: number): void {
    while (value > 127) {
      this.byte((value % 128) | 128);
      value = Math.floor(value / 128);
    }
    this.byte(value);
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buf[this.pos++] = value;
  }

  private reserve(count: number): void {
    if (this.pos + count <= this.buf.length) return;
    const larger = new Uint8Array(Math.max(this.buf.length * 2, this.pos + count));
    larger.set(this.buf);
    this.buf = larger;
  }
}

function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}
