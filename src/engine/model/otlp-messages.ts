/*
 * The messages of opentelemetry-proto v1.11 (trace/v1/trace.proto, resource/v1/resource.proto, common/v1/common.proto) that
 * a request for spans is made of: what each field is called in OTLP/JSON, its number and its type.
 */

export type ScalarType = 'text' | 'hex' | 'base64' | 'bool' | 'uint32' | 'int64' | 'double' | 'fixed32' | 'fixed64';

export type MessageName =
  | 'request'
  | 'resourceSpans'
  | 'resource'
  | 'entityRef'
  | 'scopeSpans'
  | 'scope'
  | 'span'
  | 'event'
  | 'link'
  | 'status'
  | 'keyValue'
  | 'anyValue'
  | 'arrayValue'
  | 'kvlistValue';

export interface MessageField {
  readonly name: string;
  readonly number: number;
  readonly type: ScalarType | MessageName;
  readonly repeated: boolean;
  /** Member of a oneof: it is there with its default too, and then no other member is. */
  readonly oneof: boolean;
}

type Row = readonly [number: number, name: string, type: ScalarType | MessageName, kind?: 'repeated' | 'oneof'];

const ROWS: Readonly<Record<MessageName, readonly Row[]>> = {
  request: [[1, 'resourceSpans', 'resourceSpans', 'repeated']],
  resourceSpans: [
    [1, 'resource', 'resource'],
    [2, 'scopeSpans', 'scopeSpans', 'repeated'],
    [3, 'schemaUrl', 'text'],
  ],
  resource: [
    [1, 'attributes', 'keyValue', 'repeated'],
    [2, 'droppedAttributesCount', 'uint32'],
    [3, 'entityRefs', 'entityRef', 'repeated'],
  ],
  entityRef: [
    [1, 'schemaUrl', 'text'],
    [2, 'type', 'text'],
    [3, 'idKeys', 'text', 'repeated'],
    [4, 'descriptionKeys', 'text', 'repeated'],
  ],
  scopeSpans: [
    [1, 'scope', 'scope'],
    [2, 'spans', 'span', 'repeated'],
    [3, 'schemaUrl', 'text'],
  ],
  scope: [
    [1, 'name', 'text'],
    [2, 'version', 'text'],
    [3, 'attributes', 'keyValue', 'repeated'],
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  span: [
    [1, 'traceId', 'hex'],
    [2, 'spanId', 'hex'],
    [3, 'traceState', 'text'],
    [4, 'parentSpanId', 'hex'],
    [5, 'name', 'text'],
    [6, 'kind', 'uint32'],
    [7, 'startTimeUnixNano', 'fixed64'],
    [8, 'endTimeUnixNano', 'fixed64'],
    [9, 'attributes', 'keyValue', 'repeated'],
    [10, 'droppedAttributesCount', 'uint32'],
    [11, 'events', 'event', 'repeated'],
    [12, 'droppedEventsCount', 'uint32'],
    [13, 'links', 'link', 'repeated'],
    [14, 'droppedLinksCount', 'uint32'],
    [15, 'status', 'status'],
    [16, 'flags', 'fixed32'],
  ],
  event: [
    [1, 'timeUnixNano', 'fixed64'],
    [2, 'name', 'text'],
    [3, 'attributes', 'keyValue', 'repeated'],
    [4, 'droppedAttributesCount', 'uint32'],
  ],
  link: [
    [1, 'traceId', 'hex'],
    [2, 'spanId', 'hex'],
    [3, 'traceState', 'text'],
    [4, 'attributes', 'keyValue', 'repeated'],
    [5, 'droppedAttributesCount', 'uint32'],
    [6, 'flags', 'fixed32'],
  ],
  status: [
    [2, 'message', 'text'],
    [3, 'code', 'uint32'],
  ],
  keyValue: [
    [1, 'key', 'text'],
    [2, 'value', 'anyValue'],
  ],
  anyValue: [
    [1, 'stringValue', 'text', 'oneof'],
    [2, 'boolValue', 'bool', 'oneof'],
    [3, 'intValue', 'int64', 'oneof'],
    [4, 'doubleValue', 'double', 'oneof'],
    [5, 'arrayValue', 'arrayValue', 'oneof'],
    [6, 'kvlistValue', 'kvlistValue', 'oneof'],
    [7, 'bytesValue', 'base64', 'oneof'],
  ],
  arrayValue: [[1, 'values', 'anyValue', 'repeated']],
  kvlistValue: [[1, 'values', 'keyValue', 'repeated']],
};

/** By message: its fields in the order of their numbers. */
export const OTLP_MESSAGES = Object.fromEntries(
  Object.entries(ROWS).map(([message, rows]) => [message, rows.map(fieldOf)]),
) as unknown as Readonly<Record<MessageName, readonly MessageField[]>>;

function fieldOf([number, name, type, kind]: Row): MessageField {
  return { number, name, type, repeated: kind === 'repeated', oneof: kind === 'oneof' };
}

export function isMessage(type: MessageField['type']): type is MessageName {
  return Object.hasOwn(ROWS, type);
}

/** A message as plain data, under the names of OTLP/JSON. */
export type PlainMessage = Readonly<Record<string, unknown>>;

/** What of a field is to be written: nothing where it is absent, or no member of a oneof and the default. */
export function itemsOf({ name, type, repeated, oneof }: MessageField, message: PlainMessage): readonly unknown[] {
  const value = message[name];
  if (value === undefined || value === null) return [];
  if (repeated) return value as readonly unknown[];
  return oneof || isMessage(type) || !isDefault(value) ? [value] : [];
}

function isDefault(value: unknown): boolean {
  return value === '' || value === 0 || value === '0' || value === false;
}
