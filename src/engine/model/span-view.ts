import type { Problem } from '../problem.js';

/**
 * A view of one span over the bytes it arrived in: offsets, no strings, no objects per attribute. The decoder fills the
 * same view again for every span, so whoever needs a fact after the call returns copies it.
 */
export class SpanView {
  /** The request's bytes that every offset below points into. */
  bytes: Uint8Array = new Uint8Array(0);
  /** Offset of the 16 bytes of the trace id, or -1. */
  traceId = -1;
  /** Offset of the 8 bytes of the span id, or -1. */
  spanId = -1;
  /** Offset of the 8 bytes of the parent's span id, or -1. */
  parentSpanId = -1;
  /** Span.flags: W3C trace flags in bits 0 to 7, bits 8 and 9 say whether the parent is remote. */
  flags = 0;
  /** SpanKind of the OTLP trace proto, 0 to 5. */
  kind = 0;
  /** Nanoseconds since the epoch, as a double (exact to 256 ns). */
  startTime = 0;
  endTime = 0;
  /** StatusCode of the OTLP trace proto: 0 unset, 1 ok, 2 error. */
  statusCode = 0;
  /** Offsets of the text of the span's own tracestate; start -1 where there is none. */
  traceStateStart = -1;
  traceStateEnd = -1;
  /** Bytes of the span in its ScopeSpans message, tag and length included. */
  wireBytes = 0;
  /** Offset at which the span's bytes end. */
  contentEnd = 0;
  /** Events, links, and attributes of these and of the span: those that are there, and those that the SDK dropped. */
  kept = 0;
  dropped = 0;
  /** Attributes of the span, its events and links, and the string fields of all three. */
  readonly attributes = new RecordTable();
  readonly resource = new RecordTable();
  readonly scope = new RecordTable();
  /** Bytes of the Resource and InstrumentationScope messages, tag and length included: shared by their spans. */
  resourceWireBytes = 0;
  scopeWireBytes = 0;
  /** Attributes of resource and scope that the SDK dropped. */
  resourceDropped = 0;
  scopeDropped = 0;

  clear(): void {
    this.traceId = -1;
    this.spanId = -1;
    this.parentSpanId = -1;
    this.flags = 0;
    this.kind = 0;
    this.startTime = 0;
    this.endTime = 0;
    this.statusCode = 0;
    this.traceStateStart = -1;
    this.traceStateEnd = -1;
    this.wireBytes = 0;
    this.kept = 0;
    this.dropped = 0;
    this.attributes.size = 0;
  }
}

/**
 * Attributes, unread, and string fields, as parallel columns. Most attributes of a stream were there before, byte for
 * byte, so nothing in them is looked at until somebody asks (`readAttribute` of the wire format).
 */
export class RecordTable {
  size = 0;
  location = new Uint8Array(64);
  /** Index into `FIELDS`, or -1 for an attribute. */
  field = new Int8Array(64);
  /** Offsets of the KeyValue message's content, or of the field's text. */
  start = new Int32Array(64);
  end = new Int32Array(64);
  /** Bytes of the record in its message, tag and length included. */
  wireBytes = new Int32Array(64);

  add(location: number, field: number, start: number, end: number, wireBytes: number): void {
    if (this.size === this.location.length) this.grow();
    const i = this.size++;
    this.location[i] = location;
    this.field[i] = field;
    this.start[i] = start;
    this.end[i] = end;
    this.wireBytes[i] = wireBytes;
  }

  private grow(): void {
    const n = this.size * 2;
    this.location = grown(new Uint8Array(n), this.location);
    this.field = grown(new Int8Array(n), this.field);
    this.start = grown(new Int32Array(n), this.start);
    this.end = grown(new Int32Array(n), this.end);
    this.wireBytes = grown(new Int32Array(n), this.wireBytes);
  }
}

/**
 * One attribute that was read. A scalar has one leaf; an array or map has one per scalar in it, and a map one more per
 * key (a key can hold a secret too).
 */
export class AttributeView {
  keyStart = 0;
  keyEnd = 0;
  /** Offsets of the AnyValue message's content; equal where there is no value. */
  valueStart = 0;
  valueEnd = 0;
  /** Index into `VALUE_TYPES`. */
  type = 0;
  leaves = 0;
  leafType = new Uint8Array(64);
  leafStart = new Int32Array(64);
  leafEnd = new Int32Array(64);
  /** Offsets of the innermost map key above the leaf; -1 where there is none. */
  pathStart = new Int32Array(64);
  pathEnd = new Int32Array(64);

  addLeaf(type: number, start: number, end: number, pathStart: number, pathEnd: number): void {
    if (this.leaves === this.leafType.length) this.grow();
    const i = this.leaves++;
    this.leafType[i] = type;
    this.leafStart[i] = start;
    this.leafEnd[i] = end;
    this.pathStart[i] = pathStart;
    this.pathEnd[i] = pathEnd;
  }

  private grow(): void {
    const n = this.leaves * 2;
    this.leafType = grown(new Uint8Array(n), this.leafType);
    this.leafStart = grown(new Int32Array(n), this.leafStart);
    this.leafEnd = grown(new Int32Array(n), this.leafEnd);
    this.pathStart = grown(new Int32Array(n), this.pathStart);
    this.pathEnd = grown(new Int32Array(n), this.pathEnd);
  }
}

function grown<T extends Uint8Array | Int8Array | Int32Array>(larger: T, old: T): T {
  larger.set(old);
  return larger;
}

/**
 * What a decoder calls while it walks a request: a resource, then its scopes, then their spans. A problem that comes
 * back refuses the resource, scope or span, and with it what is in it.
 */
export interface SpanHandler {
  resource(view: SpanView): Problem | null;
  scope(view: SpanView): Problem | null;
  span(view: SpanView): Problem | null;
}
