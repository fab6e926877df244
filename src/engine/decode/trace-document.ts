import { decodeBase64, decodeUtf8, encodeBase64, hex } from '../encoding.js';
import {
  isMessage,
  itemsOf,
  type MessageField,
  type MessageName,
  OTLP_MESSAGES,
  type PlainMessage,
  type ScalarType,
} from '../model/otlp-messages.js';
import type { TraceRequest } from '../model/trace-request.js';
import { type Problem, problem } from '../problem.js';
import type { WireFormatName } from './formats.js';
import { type DecodeLimits, MAX_REPORTED_PROBLEMS } from './limits.js';
import { jsonAsProtobuf } from './otlp-json.js';
import { Malformed, ProtobufReader } from './protobuf-reader.js';
import { ProtobufWriter } from './protobuf-writer.js';

/** A request as plain data, and the spans that were left out of it because they are malformed. */
export interface DecodedDocument {
  readonly request: TraceRequest;
  readonly rejected: number;
  /** The first few. */
  readonly problems: readonly Problem[];
}

/** Whether a span is wanted: the bytes of its message. */
export type SpanFilter = (bytes: Uint8Array, start: number, end: number) => boolean;

/**
 * A request in a wire format as plain data, with all fields that opentelemetry-proto v1.11 has for spans; unknown fields
 * are left out, as collectors leave them out, and what is no UTF-8 becomes U+FFFD. Takes memory in proportion to the
 * bytes; the hot path walks the bytes instead (`otlp-protobuf.ts`).
 *
 * @param wanted which spans are read; the others are passed over, and may be malformed
 * @returns a problem where all of it is malformed
 */
export function decodeTraceDocument(
  bytes: Uint8Array,
  format: WireFormatName,
  limits: DecodeLimits,
  wanted?: SpanFilter,
): DecodedDocument | Problem {
  if (format === 'otlp-protobuf') return decodeProtobuf(bytes, limits, wanted);
  const written = jsonAsProtobuf(bytes, limits);
  if ('code' in written) return written;
  const decoded = decodeProtobuf(written.bytes, limits, wanted);
  if ('code' in decoded) return decoded;
  return {
    request: decoded.request,
    rejected: written.rejected + decoded.rejected,
    problems: [...written.problems, ...decoded.problems].slice(0, MAX_REPORTED_PROBLEMS),
  };
}

function decodeProtobuf(bytes: Uint8Array, limits: DecodeLimits, wanted?: SpanFilter): DecodedDocument | Problem {
  const reader = new DocumentWalk(bytes, limits.maxDepth, wanted);
  try {
    const request = reader.message('request', bytes.length) as TraceRequest;
    return { request, rejected: reader.rejected, problems: reader.problems };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return problemOf(error);
  }
}

function problemOf({ field, what, allowed }: Malformed): Problem {
  return problem('malformed', field || 'body', what, allowed);
}

/** The protobuf form of a request, with lengths as short as they can be. */
export function encodeTraceDocument(request: TraceRequest): Uint8Array {
  const writer = new ProtobufWriter();
  writeMessage(writer, 'request', request as PlainMessage);
  return writer.finish();
}

/** Offset of the 16 bytes of a span's trace id; -1 where it has none. */
export function traceIdIn(bytes: Uint8Array, start: number, end: number): number {
  const reader = new ProtobufReader(bytes);
  reader.pos = start;
  try {
    while (reader.pos < end) {
      const tag = reader.varint();
      if (tag !== TRACE_ID) reader.skip(tag, end, [], 'span.');
      else return reader.messageEnd(end, 'traceId') === reader.pos + 16 ? reader.pos : -1;
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
  }
  return -1;
}

/** Field 1 of Span, of bytes. */
const TRACE_ID = (1 << 3) | 2;

interface KnownField extends MessageField {
  readonly wireType: number;
}

const WIRE_TYPES: Readonly<Record<ScalarType, number>> = {
  ...{ text: 2, hex: 2, base64: 2, bool: 0, uint32: 0, int64: 0, double: 1, fixed32: 5, fixed64: 1 },
};
const FIELDS = Object.fromEntries(
  Object.entries(OTLP_MESSAGES).map(([name, fields]) => [name, new Map(fields.map(knownField))]),
) as unknown as Readonly<Record<MessageName, ReadonlyMap<number, KnownField>>>;

function knownField(field: MessageField): [number, KnownField] {
  return [field.number, { ...field, wireType: isMessage(field.type) ? 2 : WIRE_TYPES[field.type] }];
}

class DocumentWalk extends ProtobufReader {
  rejected = 0;
  readonly problems: Problem[] = [];
  private depth = 0;

  constructor(
    bytes: Uint8Array,
    private readonly maxDepth: number,
    private readonly wanted: SpanFilter = () => true,
  ) {
    super(bytes);
  }

  /** @param into the message that came before under a field that is no list, with which this one is merged */
  message(name: MessageName, end: number, into: Record<string, unknown> = {}): Record<string, unknown> {
    while (this.pos < end) {
      const tag = this.varint();
      const field = FIELDS[name].get(tag >>> 3);
      if (field === undefined) this.skip(tag, end, [], `${name}.`);
      else if ((tag & 7) !== field.wireType) {
        throw new Malformed(`${name}.${field.name}`, `wire type ${tag & 7}`, 'the types of opentelemetry-proto');
      } else this.field(field, name, end, into);
    }
    this.mustEndAt(end, name);
    return into;
  }

  private field(field: MessageField, message: MessageName, end: number, into: Record<string, unknown>): void {
    const { name, type, repeated, oneof } = field;
    if (type === 'span') {
      const span = this.spanOrNothing(end);
      if (span !== null) append(into, name, span);
      return;
    }
    const known = repeated ? undefined : into[name];
    const value = isMessage(type)
      ? this.nested(type, end, known as Record<string, unknown> | undefined)
      : this.scalar(type, `${message}.${name}`, end);
    if (oneof) for (const member of Object.keys(into)) if (member !== name) delete into[member];
    if (repeated) append(into, name, value);
    else into[name] = value;
  }

  private nested(type: MessageName, end: number, into?: Record<string, unknown>): Record<string, unknown> {
    const isList = type === 'arrayValue' || type === 'kvlistValue';
    if (isList && ++this.depth > this.maxDepth) {
      throw new Malformed(type, 'nested too deep', `at most ${this.maxDepth} levels`);
    }
    const value = this.message(type, this.messageEnd(end, type), into);
    if (isList) this.depth--;
    return value;
  }

  /** A malformed span is left out; its own length says where the next one begins. */
  private spanOrNothing(end: number): Record<string, unknown> | null {
    const stop = this.messageEnd(end, 'span');
    if (!this.wanted(this.buf, this.pos, stop)) {
      this.pos = stop;
      return null;
    }
    try {
      return this.message('span', stop);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.depth = 0;
      this.pos = stop;
      this.rejected++;
      if (this.problems.length < MAX_REPORTED_PROBLEMS) this.problems.push(problemOf(error));
      return null;
    }
  }

  private scalar(type: ScalarType, where: string, end: number): unknown {
    if (WIRE_TYPES[type] === 2) return this.bytesAs(type, where, end);
    if (type === 'double') return plainDouble(this.double());
    if (type === 'fixed64') return this.exactFixed64().toString();
    if (type === 'fixed32') return this.fixed32();
    const value = this.exactVarint();
    if (type === 'bool') return value !== 0n;
    return type === 'int64' ? BigInt.asIntN(64, value).toString() : Number(BigInt.asUintN(32, value));
  }

  private bytesAs(type: ScalarType, where: string, end: number): string {
    const stop = this.messageEnd(end, where);
    const start = this.pos;
    this.pos = stop;
    if (type === 'hex') return hex(this.buf, start, stop - start);
    const part = this.buf.subarray(start, stop);
    return type === 'text' ? decodeUtf8(part) : encodeBase64(part);
  }

  private exactVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.buf[this.pos++] ?? 0;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    throw new Malformed('', 'a varint of more than 10 bytes', 'the types of opentelemetry-proto');
  }

  private exactFixed64(): bigint {
    const low = this.fixed32();
    return (BigInt(this.fixed32()) << 32n) | BigInt(low);
  }

  private double(): number {
    const view = new DataView(new ArrayBuffer(8));
    view.setUint32(0, this.fixed32(), true);
    view.setUint32(4, this.fixed32(), true);
    return view.getFloat64(0, true);
  }
}

function append(into: Record<string, unknown>, name: string, value: unknown): void {
  const list = into[name] as unknown[] | undefined;
  if (list === undefined) into[name] = [value];
  else list.push(value);
}

/** JSON has no form of these but text. */
function plainDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function writeMessage(out: ProtobufWriter, name: MessageName, message: PlainMessage): void {
  for (const field of OTLP_MESSAGES[name]) {
    const items = itemsOf(field, message);
    for (const item of items) writeItem(out, field, item);
    if (field.oneof && items.length > 0) return;
  }
}

function writeItem(out: ProtobufWriter, { number, type }: MessageField, value: unknown): void {
  if (isMessage(type)) {
    const handle = out.open(number);
    writeMessage(out, type, value as PlainMessage);
    out.close(handle);
  } else WRITE[type](out, number, value);
}

const WRITE: Readonly<Record<ScalarType, (out: ProtobufWriter, field: number, value: unknown) => void>> = {
  text: (out, field, value) => out.text(field, value as string),
  hex: (out, field, value) => out.bytes(field, fromHex(value as string)),
  base64: (out, field, value) => out.bytes(field, decodeBase64(value as string) ?? new Uint8Array(0)),
  bool: (out, field, value) => out.uint(field, value ? 1 : 0),
  uint32: (out, field, value) => out.uint(field, value as number),
  int64: (out, field, value) => out.int64(field, BigInt(value as string | number)),
  double: (out, field, value) => out.double(field, Number(value)),
  fixed32: (out, field, value) => out.fixed32(field, value as number),
  fixed64: (out, field, value) => out.fixed64(field, BigInt(value as string | number)),
};

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
