import { decodeBase64 } from '../encoding.js';
import type { SpanHandler } from '../model/span-view.js';
import { type Problem, problem } from '../problem.js';
import { type Decoded, type DecodeLimits, MAX_REPORTED_PROBLEMS } from './limits.js';
import { decodeOtlpProtobuf } from './otlp-protobuf.js';
import { ProtobufWriter } from './protobuf-writer.js';

/**
 * Decodes OTLP/JSON (opentelemetry-proto docs/specification.md, "JSON Protobuf Encoding": lowerCamelCase names, ids in
 * hex, enums as integers, 64-bit integers as string or number, unknown fields ignored) by writing the same request as
 * protobuf and walking that. So both formats share one span view, and bytes mean protobuf bytes in both.
 */
export function decodeOtlpJson(bytes: Uint8Array, limits: DecodeLimits, handler: SpanHandler): Decoded {
  const written = jsonAsProtobuf(bytes, limits);
  if ('code' in written) return { accepted: 0, rejected: 0, problems: [], refused: written };
  const decoded = decodeOtlpProtobuf(written.bytes, limits, handler);
  return {
    ...decoded,
    rejected: decoded.rejected + written.rejected,
    problems: [...written.problems, ...decoded.problems].slice(0, MAX_REPORTED_PROBLEMS),
  };
}

/** A request in OTLP/JSON as protobuf, without the spans that are malformed; a problem where all of it is. */
export function jsonAsProtobuf(
  bytes: Uint8Array,
  limits: DecodeLimits,
): { readonly bytes: Uint8Array; readonly rejected: number; readonly problems: readonly Problem[] } | Problem {
  const shape = checkShape(bytes, limits);
  if (shape !== null) return shape;
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return problem('malformed', 'body', 'not valid JSON in UTF-8', 'an ExportTraceServiceRequest');
  }
  const writer = new RequestWriter(limits);
  try {
    writer.request(request);
  } catch (error) {
    if (!(error instanceof WrongType)) throw error;
    return wrongType(error);
  }
  return { bytes: writer.out.finish(), rejected: writer.rejected, problems: writer.problems };
}

function wrongType(error: WrongType): Problem {
  return problem('wrong-type', error.path, `not ${error.expected}`, error.expected);
}

/** Bounds nesting and the number of values before anything is built from the text. */
function checkShape(bytes: Uint8Array, limits: DecodeLimits): Problem | null {
  // Request, resource spans, scope spans, span, event and attribute wrap a value in 15 levels of JSON.
  const maxDepth = 16 + 4 * limits.maxDepth;
  let depth = 0;
  let nodes = 0;
  for (let i = 0; i < bytes.length; i++) {
    const c = bytes[i]!;
    if (c === 34) i = stringEnd(bytes, i + 1);
    else if (c === 44 || c === 58) nodes++;
    else if (c === 123 || c === 91) {
      nodes++;
      if (++depth > maxDepth) return problem('malformed', 'body', 'nested too deep', `at most ${maxDepth} levels`);
    } else if (c === 125 || c === 93) depth--;
  }
  if (nodes > limits.maxJsonNodes) {
    return problem('malformed', 'body', 'too many values', `at most ${limits.maxJsonNodes} in a request`);
  }
  return null;
}

function stringEnd(bytes: Uint8Array, from: number): number {
  let i = from;
  while (i < bytes.length && bytes[i] !== 34) i += bytes[i] === 92 ? 2 : 1;
  return i;
}

class WrongType extends Error {
  constructor(
    readonly path: string,
    readonly expected: string,
  ) {
    super(path);
  }
}

type Json = Record<string, unknown>;

class RequestWriter {
  readonly out = new ProtobufWriter();
  readonly problems: Problem[] = [];
  rejected = 0;

  constructor(private readonly limits: DecodeLimits) {}

  request(value: unknown): void {
    const request = object(value, 'body');
    each(request, 'resourceSpans', 'resourceSpans', (item, path) => this.resourceSpans(item, path));
  }

  private resourceSpans(value: unknown, path: string): void {
    const source = object(value, path);
    this.nested(1, () => {
      if (present(source.resource)) {
        const resource = object(source.resource, `${path}.resource`);
        this.nested(1, () => {
          this.attributes(1, resource, `${path}.resource`);
          this.uint32(2, resource.droppedAttributesCount, `${path}.resource.droppedAttributesCount`);
        });
      }
      each(source, 'scopeSpans', `${path}.scopeSpans`, (item, at) => this.scopeSpans(item, at));
      this.string(3, source.schemaUrl, `${path}.schemaUrl`);
    });
  }

  private scopeSpans(value: unknown, path: string): void {
    const source = object(value, path);
    this.nested(2, () => {
      if (present(source.scope)) {
        const scope = object(source.scope, `${path}.scope`);
        this.nested(1, () => {
          this.string(1, scope.name, `${path}.scope.name`);
          this.string(2, scope.version, `${path}.scope.version`);
          this.attributes(3, scope, `${path}.scope`);
          this.uint32(4, scope.droppedAttributesCount, `${path}.scope.droppedAttributesCount`);
        });
      }
      each(source, 'spans', `${path}.spans`, (item, at) => this.spanOrProblem(item, at));
      this.string(3, source.schemaUrl, `${path}.schemaUrl`);
    });
  }

  /** A span of the wrong types is left out and counted; the rest of the request goes on. */
  private spanOrProblem(value: unknown, path: string): void {
    const mark = this.out.mark();
    try {
      this.nested(2, () => this.span(object(value, path), path));
    } catch (error) {
      if (!(error instanceof WrongType)) throw error;
      this.out.truncate(mark);
      this.rejected++;
      if (this.problems.length < MAX_REPORTED_PROBLEMS) this.problems.push(wrongType(error));
    }
  }

  private span(span: Json, path: string): void {
    this.id(1, span.traceId, `${path}.traceId`);
    this.id(2, span.spanId, `${path}.spanId`);
    this.string(3, span.traceState, `${path}.traceState`);
    this.id(4, span.parentSpanId, `${path}.parentSpanId`);
    this.string(5, span.name, `${path}.name`);
    this.enum(6, span.kind, `${path}.kind`);
    this.fixed64(7, span.startTimeUnixNano, `${path}.startTimeUnixNano`);
    this.fixed64(8, span.endTimeUnixNano, `${path}.endTimeUnixNano`);
    this.attributes(9, span, path);
    this.uint32(10, span.droppedAttributesCount, `${path}.droppedAttributesCount`);
    this.uint32(12, span.droppedEventsCount, `${path}.droppedEventsCount`);
    this.uint32(14, span.droppedLinksCount, `${path}.droppedLinksCount`);
    if (present(span.flags)) this.out.fixed32(16, uint32(span.flags, `${path}.flags`));
    each(span, 'events', `${path}.events`, (item, at) => this.event(object(item, at), at));
    each(span, 'links', `${path}.links`, (item, at) => this.link(object(item, at), at));
    if (present(span.status)) {
      const status = object(span.status, `${path}.status`);
      this.nested(15, () => {
        this.string(2, status.message, `${path}.status.message`);
        this.enum(3, status.code, `${path}.status.code`);
      });
    }
  }

  private event(event: Json, path: string): void {
    this.nested(11, () => {
      this.fixed64(1, event.timeUnixNano, `${path}.timeUnixNano`);
      this.string(2, event.name, `${path}.name`);
      this.attributes(3, event, path);
      this.uint32(4, event.droppedAttributesCount, `${path}.droppedAttributesCount`);
    });
  }

  private link(link: Json, path: string): void {
    this.nested(13, () => {
      this.id(1, link.traceId, `${path}.traceId`);
      this.id(2, link.spanId, `${path}.spanId`);
      this.string(3, link.traceState, `${path}.traceState`);
      this.attributes(4, link, path);
      this.uint32(5, link.droppedAttributesCount, `${path}.droppedAttributesCount`);
    });
  }

  private attributes(field: number, owner: Json, path: string): void {
    each(owner, 'attributes', `${path}.attributes`, (item, at) => this.keyValue(field, item, at, 0));
  }

  private keyValue(field: number, value: unknown, path: string, depth: number): void {
    const source = object(value, path);
    this.nested(field, () => {
      this.string(1, source.key, `${path}.key`);
      if (present(source.value)) this.anyValue(2, source.value, `${path}.value`, depth);
    });
  }

  private anyValue(field: number, value: unknown, path: string, depth: number): void {
    if (depth > this.limits.maxDepth) throw new WrongType(path, `at most ${this.limits.maxDepth} levels deep`);
    const source = object(value, path);
    this.nested(field, () => {
      if (present(source.stringValue)) this.rawString(1, source.stringValue, `${path}.stringValue`);
      else if (present(source.boolValue)) {
        if (typeof source.boolValue !== 'boolean') throw new WrongType(`${path}.boolValue`, 'a boolean');
        this.out.uint(2, source.boolValue ? 1 : 0);
      } else if (present(source.intValue)) {
        this.out.int64(3, integer(source.intValue, `${path}.intValue`));
      } else if (present(source.doubleValue)) {
        this.out.double(4, double(source.doubleValue, `${path}.doubleValue`));
      } else if (present(source.arrayValue)) {
        const array = object(source.arrayValue, `${path}.arrayValue`);
        const at = `${path}.arrayValue.values`;
        this.nested(5, () => each(array, 'values', at, (item, p) => this.anyValue(1, item, p, depth + 1)));
      } else if (present(source.kvlistValue)) {
        const map = object(source.kvlistValue, `${path}.kvlistValue`);
        const at = `${path}.kvlistValue.values`;
        this.nested(6, () => each(map, 'values', at, (item, p) => this.keyValue(1, item, p, depth + 1)));
      } else if (present(source.bytesValue)) {
        this.out.bytes(7, base64(source.bytesValue, `${path}.bytesValue`));
      }
    });
  }

  private nested(field: number, write: () => void): void {
    const handle = this.out.open(field);
    write();
    this.out.close(handle);
  }

  private string(field: number, value: unknown, path: string): void {
    if (present(value) && value !== '') this.rawString(field, value, path);
  }

  private rawString(field: number, value: unknown, path: string): void {
    if (typeof value !== 'string') throw new WrongType(path, 'a string');
    this.out.text(field, value);
  }

  private id(field: number, value: unknown, path: string): void {
    if (!present(value) || value === '') return;
    if (typeof value !== 'string' || !/^(?:[0-9a-fA-F]{2})+$/.test(value)) throw new WrongType(path, 'hex digits');
    this.out.bytes(
      field,
      Uint8Array.from({ length: value.length / 2 }, (_, i) => Number.parseInt(value.slice(2 * i, 2 * i + 2), 16)),
    );
  }

  private enum(field: number, value: unknown, path: string): void {
    if (!present(value)) return;
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 255) {
      throw new WrongType(path, 'an integer from the enumeration');
    }
    if (value !== 0) this.out.uint(field, value);
  }

  private uint32(field: number, value: unknown, path: string): void {
    if (!present(value)) return;
    const number = uint32(value, path);
    if (number !== 0) this.out.uint(field, number);
  }

  private fixed64(field: number, value: unknown, path: string): void {
    if (!present(value)) return;
    const number = integer(value, path);
    if (number < 0n || number >= 1n << 64n) throw new WrongType(path, 'an unsigned 64-bit integer');
    this.out.fixed64(field, number);
  }
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function object(value: unknown, path: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new WrongType(path, 'an object');
  return value as Json;
}

function each(owner: Json, name: string, path: string, visit: (item: unknown, path: string) => void): void {
  const list = Object.hasOwn(owner, name) ? owner[name] : undefined;
  if (!present(list)) return;
  if (!Array.isArray(list)) throw new WrongType(path, 'an array');
  for (let i = 0; i < list.length; i++) visit(list[i], `${path}[${i}]`);
}

function integer(value: unknown, path: string): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new WrongType(path, 'an integer, as number or string');
}

function uint32(value: unknown, path: string): number {
  const number = Number(integer(value, path));
  if (number < 0 || number > 0xffffffff) throw new WrongType(path, 'an unsigned 32-bit integer');
  return number;
}

function double(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw new WrongType(path, 'a number');
}

function base64(value: unknown, path: string): Uint8Array {
  const bytes = typeof value === 'string' ? decodeBase64(value) : null;
  if (bytes === null) throw new WrongType(path, 'base64 text');
  return bytes;
}
