import Long from 'long';
import protobuf from 'protobufjs';

/*
 * The messages of opentelemetry-proto v1.11 that spans need, for tests and benchmarks: an encoder that shares no code
 * with the decoder under test.
 */
const { root } = protobuf.parse(`
  syntax = "proto3";
  package otlp;
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ExportTraceServiceResponse { ExportTracePartialSuccess partial_success = 1; }
  message ExportTracePartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
    int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9; uint32 dropped_attributes_count = 10; repeated Event events = 11;
    uint32 dropped_events_count = 12; repeated Link links = 13; uint32 dropped_links_count = 14; SpanStatus status = 15;
    fixed32 flags = 16;
  }
  message Event {
    fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4;
  }
  message Link {
    bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
    uint32 dropped_attributes_count = 5;
  }
  message SpanStatus { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
      ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
`);

const Request = root.lookupType('otlp.ExportTraceServiceRequest');
const Response = root.lookupType('otlp.ExportTraceServiceResponse');
const RpcStatus = root.lookupType('otlp.Status');

export type Scalar = string | number | boolean | bigint | Uint8Array;
export type Value = Scalar | readonly Value[] | { readonly [key: string]: Value };
export type Attributes = Readonly<Record<string, Value>>;

export interface TestSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly traceState?: string;
  readonly name?: string;
  readonly kind?: number;
  /** Milliseconds since the epoch. */
  readonly start?: number;
  /** Milliseconds, 5 by default. */
  readonly took?: number;
  /** Attributes, events and links that the SDK dropped. */
  readonly dropped?: readonly [attributes: number, events: number, links: number];
  readonly flags?: number;
  readonly attributes?: Attributes;
  readonly events?: readonly { readonly name: string; readonly attributes: Attributes; readonly dropped?: number }[];
  readonly links?: readonly { readonly traceState: string; readonly attributes: Attributes }[];
  readonly status?: { readonly code: number; readonly message?: string };
}

export interface TestResource {
  readonly resource?: Attributes;
  readonly scope?: { readonly name: string; readonly version?: string; readonly attributes?: Attributes };
  readonly spans: readonly TestSpan[];
}

/** An ExportTraceServiceRequest in protobuf. */
export function encodeRequest(resources: readonly TestResource[]): Uint8Array {
  return Request.encode(Request.create({ resourceSpans: resources.map(resourceSpans) })).finish();
}

/** Any message in protobuf, from plain data in which ids are bytes. */
export function encodeMessage(name: string, message: object): Uint8Array {
  const type = root.lookupType(`otlp.${name}`);
  return type.encode(type.fromObject(message as Record<string, unknown>)).finish();
}

/** The same request in OTLP/JSON. */
export function jsonRequest(resources: readonly TestResource[]): string {
  const bytesAs = (bytes: Uint8Array, encoding: 'hex' | 'base64'): string => Buffer.from(bytes).toString(encoding);
  const ids = new Set(['traceId', 'spanId', 'parentSpanId']);
  return JSON.stringify({ resourceSpans: resources.map(resourceSpans) }, (key, value) => {
    if (Long.isLong(value)) return value.toString();
    if (value instanceof Uint8Array) return bytesAs(value, ids.has(key) ? 'hex' : 'base64');
    return value?.type === 'Buffer' ? Buffer.from(value.data).toString(ids.has(key) ? 'hex' : 'base64') : value;
  });
}

interface KeyValue {
  readonly key: string;
  readonly value: object;
}

export interface DecodedRequest {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly KeyValue[] };
    readonly scopeSpans: readonly { readonly spans: readonly { readonly attributes: readonly KeyValue[] }[] }[];
  }[];
}

export function decodeRequest(bytes: Uint8Array): DecodedRequest {
  return Request.decode(bytes) as unknown as DecodedRequest;
}

export function decodeResponse(bytes: Uint8Array): {
  partialSuccess?: { rejectedSpans?: number; errorMessage?: string };
} {
  return Response.toObject(Response.decode(bytes), { longs: Number });
}

export function decodeStatus(bytes: Uint8Array): { code?: number; message?: string } {
  return RpcStatus.toObject(RpcStatus.decode(bytes));
}

function resourceSpans({ resource, scope, spans }: TestResource): object {
  const scopeMessage = scope && { name: scope.name, version: scope.version, attributes: keyValues(scope.attributes) };
  return {
    resource: { attributes: keyValues(resource) },
    scopeSpans: [{ ...(scopeMessage && { scope: scopeMessage }), spans: spans.map(spanMessage) }],
  };
}

let lastId = 0;

function spanMessage(span: TestSpan): object {
  const start = Long.fromNumber(span.start ?? Date.now(), true).multiply(1_000_000);
  const id = (++lastId).toString(16).padStart(16, '0');
  return {
    traceId: Buffer.from(span.traceId ?? `ab${'0'.repeat(14)}${id}`, 'hex'),
    spanId: Buffer.from(span.spanId ?? id, 'hex'),
    ...(span.parentSpanId && { parentSpanId: Buffer.from(span.parentSpanId, 'hex') }),
    ...(span.traceState && { traceState: span.traceState }),
    name: span.name ?? 'operation',
    kind: span.kind ?? 2,
    startTimeUnixNano: start,
    endTimeUnixNano: start.add(Long.fromNumber((span.took ?? 5) * 1e6)),
    attributes: keyValues(span.attributes),
    ...(span.dropped && {
      droppedAttributesCount: span.dropped[0],
      droppedEventsCount: span.dropped[1],
      droppedLinksCount: span.dropped[2],
    }),
    ...(span.flags && { flags: span.flags }),
    events: (span.events ?? []).map((e) => ({
      name: e.name,
      attributes: keyValues(e.attributes),
      ...(e.dropped && { droppedAttributesCount: e.dropped }),
    })),
    links: (span.links ?? []).map((l) => ({
      traceId: Buffer.alloc(16, 1),
      spanId: Buffer.alloc(8, 1),
      traceState: l.traceState,
      attributes: keyValues(l.attributes),
    })),
    ...(span.status && { status: span.status }),
  };
}

function keyValues(attributes: Attributes | undefined): object[] {
  return Object.entries(attributes ?? {}).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: Long.fromString(String(value)) };
  if (typeof value === 'number') {
    return Number.isInteger(value) ? { intValue: Long.fromNumber(value) } : { doubleValue: value };
  }
  if (value instanceof Uint8Array) return { bytesValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: keyValues(value as Attributes) } };
}
