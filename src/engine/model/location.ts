/** Where in the telemetry of a span a value stands. Stored by name, handled by index in the hot path. */
export const LOCATIONS = ['resource', 'scope', 'span', 'event', 'link', 'span_name', 'status'] as const;
export type Location = (typeof LOCATIONS)[number];

export const RESOURCE = 0;
export const SCOPE = 1;
export const SPAN = 2;
export const EVENT = 3;
export const LINK = 4;
export const SPAN_NAME = 5;
export const STATUS = 6;

/**
 * String fields of OTLP messages that are no attributes. They are audited like attributes, under the key that the
 * semantic conventions give the same fact where one exists (`otel.scope.name`, `otel.status_description`).
 */
export const FIELDS = [
  'span.name',
  'otel.status_description',
  'otel.scope.name',
  'otel.scope.version',
  'event.name',
  'tracestate',
  'schema_url',
] as const;
export const FIELD_SPAN_NAME = 0;
export const FIELD_STATUS_MESSAGE = 1;
export const FIELD_SCOPE_NAME = 2;
export const FIELD_SCOPE_VERSION = 3;
export const FIELD_EVENT_NAME = 4;
export const FIELD_TRACE_STATE = 5;
export const FIELD_SCHEMA_URL = 6;

/** Value types of OTLP `AnyValue`, by protobuf field number (opentelemetry/proto/common/v1/common.proto); 0 is unset. */
export const VALUE_TYPES = ['empty', 'string', 'bool', 'int', 'double', 'array', 'map', 'bytes'] as const;
export type ValueType = (typeof VALUE_TYPES)[number];
export const STRING = 1;
export const BOOL = 2;
export const INT = 3;
export const DOUBLE = 4;
export const ARRAY = 5;
export const MAP = 6;
export const BYTES = 7;

/** Beside the bits of `VALUE_TYPES` in a mask of types: a value was seen that the enum of its key does not have. */
export const OUTSIDE_ENUM = 1 << 15;
