/**
 * An ExportTraceServiceRequest as plain data, in the names and forms of OTLP/JSON (opentelemetry-proto
 * docs/specification.md, "JSON Protobuf Encoding"). Only what policies can reach has a type; all else is kept as it is.
 */
export interface TraceRequest {
  resourceSpans?: ResourceSpans[];
}

export interface ResourceSpans {
  resource?: WithAttributes;
  scopeSpans?: ScopeSpans[];
  schemaUrl?: string;
}

export interface ScopeSpans {
  scope?: WithAttributes & { name?: string; version?: string };
  spans?: TraceSpan[];
  schemaUrl?: string;
}

export interface TraceSpan extends WithAttributes {
  traceId?: string;
  spanId?: string;
  parentSpanId?: string;
  name?: string;
  /** Nanoseconds since the epoch. */
  startTimeUnixNano?: string | number;
  endTimeUnixNano?: string | number;
  traceState?: string;
  status?: { message?: string; code?: number };
  events?: SpanEvent[];
}

export interface SpanEvent extends WithAttributes {
  name?: string;
}

export interface WithAttributes {
  attributes?: KeyValue[];
}

export interface KeyValue {
  key?: string;
  value?: AnyValue;
}

/** At most one of them is there; none is the empty value. */
export interface AnyValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string | number;
  doubleValue?: number | string;
  arrayValue?: { values?: AnyValue[] };
  kvlistValue?: { values?: KeyValue[] };
  /** In base64. */
  bytesValue?: string;
}
