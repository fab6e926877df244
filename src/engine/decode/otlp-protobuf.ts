import {
  EVENT,
  FIELD_EVENT_NAME,
  FIELD_SCHEMA_URL,
  FIELD_SCOPE_NAME,
  FIELD_SCOPE_VERSION,
  FIELD_SPAN_NAME,
  FIELD_STATUS_MESSAGE,
  FIELD_TRACE_STATE,
  LINK,
  RESOURCE,
  SCOPE,
  SPAN,
  SPAN_NAME,
  STATUS,
} from '../model/location.js';
import { type RecordTable, type SpanHandler, SpanView } from '../model/span-view.js';
import { type Problem, problem } from '../problem.js';
import { type Decoded, type DecodeLimits, MAX_REPORTED_PROBLEMS } from './limits.js';
import { Malformed, NO_FIELD, ProtobufReader } from './protobuf-reader.js';

/*
 * Wire types by field number, from opentelemetry/proto/trace/v1/trace.proto, resource/v1/resource.proto and
 * common/v1/common.proto of opentelemetry-proto v1.11.
 */
const REQUEST = [NO_FIELD, 2];
const RESOURCE_SPANS = [NO_FIELD, 2, 2, 2];
const SCOPE_SPANS = [NO_FIELD, 2, 2, 2];
const RESOURCE_MESSAGE = [NO_FIELD, 2, 0, 2];
const SCOPE_MESSAGE = [NO_FIELD, 2, 2, 2, 0];
const SPAN_MESSAGE = [NO_FIELD, 2, 2, 2, 2, 2, 0, 1, 1, 2, 0, 2, 0, 2, 0, 2, 5];
const EVENT_MESSAGE = [NO_FIELD, 1, 2, 2, 0];
const LINK_MESSAGE = [NO_FIELD, 2, 2, 2, 2, 0, 5];
const STATUS_MESSAGE = [NO_FIELD, NO_FIELD, 2, 0];

const CACHE_LINE = 64;
/** So many bytes are read ahead: those beyond would be gone from the cache again before they are needed. */
const MAX_TOUCHED = 1 << 19;

/** Decodes one ExportTraceServiceRequest. Malformed framing refuses the request; a bad span refuses only itself. */
export function decodeOtlpProtobuf(bytes: Uint8Array, limits: DecodeLimits, handler: SpanHandler): Decoded {
  const view = spareView ?? new SpanView();
  spareView = null;
  const walk = new RequestWalk(bytes, limits, handler, view);
  try {
    walk.request(bytes.length);
    return { accepted: walk.accepted, rejected: walk.rejected, problems: walk.problems, refused: null };
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { accepted: 0, rejected: 0, problems: [], refused: walk.problemOf(error) };
  } finally {
    view.bytes = NO_BYTES;
    spareView = view;
  }
}

/** The view of the last request, for the next one: to make one takes as long as to walk some spans. */
let spareView: SpanView | null = null;
const NO_BYTES = new Uint8Array(0);

class RequestWalk extends ProtobufReader {
  accepted = 0;
  rejected = 0;
  readonly problems: Problem[] = [];
  private resourceIndex = -1;
  private scopeIndex = -1;
  private spanIndex = -1;
  /** What was read ahead: kept, so that nobody can say it is not needed. */
  touched = 0;

  constructor(
    bytes: Uint8Array,
    private readonly limits: DecodeLimits,
    private readonly handler: SpanHandler,
    private readonly view: SpanView,
  ) {
    super(bytes);
    this.view.bytes = bytes;
  }

  request(end: number): void {
    while (this.pos < end) {
      const tag = this.varint();
      if (tag === 10) this.resourceSpans(this.messageEnd(end, 'resource_spans'));
      else this.skip(tag, end, REQUEST, '');
    }
    this.mustEndAt(end, '');
  }

  problemOf({ field, what, allowed }: Malformed): Problem {
    const where = `${this.place()}${field}`.replace(/\.$/, '');
    return problem('malformed', where || 'body', what, allowed);
  }

  /** Path of the message that is being walked: `resource_spans[0].scope_spans[1].spans[2].` */
  private place(): string {
    let path = '';
    if (this.resourceIndex >= 0) path += `resource_spans[${this.resourceIndex}].`;
    if (this.scopeIndex >= 0) path += `scope_spans[${this.scopeIndex}].`;
    if (this.spanIndex >= 0) path += `spans[${this.spanIndex}].`;
    return path;
  }

  /** Fields may come in any order, so the resource is read before its spans are walked. */
  private resourceSpans(end: number): void {
    const start = this.pos;
    const { view } = this;
    this.resourceIndex++;
    this.scopeIndex = -1;
    view.resource.size = 0;
    view.resourceWireBytes = 0;
    view.resourceDropped = 0;
    let refused: Problem | null = null;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 10) {
        const stop = this.messageEnd(end, 'resource');
        refused ??= this.contained(() => this.resource(stop));
        this.pos = stop;
        view.resourceWireBytes += stop - at;
      } else if (tag === 26) {
        this.stringField(view.resource, RESOURCE, FIELD_SCHEMA_URL, end, at, 'schema_url');
        view.resourceWireBytes += this.pos - at;
      } else this.skip(tag, end, RESOURCE_SPANS, '');
    }
    this.mustEndAt(end, '');
    refused ??= this.handler.resource(view);
    this.pos = start;
    while (this.pos < end) {
      const tag = this.varint();
      if (tag === 18) this.scopeSpans(this.messageEnd(end, 'scope_spans'), refused);
      else this.skip(tag, end, RESOURCE_SPANS, '');
    }
    this.scopeIndex = -1;
  }

  private scopeSpans(end: number, resourceRefused: Problem | null): void {
    this.touch(end);
    const start = this.pos;
    const { view } = this;
    this.scopeIndex++;
    this.spanIndex = -1;
    view.scope.size = 0;
    view.scopeWireBytes = 0;
    view.scopeDropped = 0;
    let refused = resourceRefused;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 10) {
        const stop = this.messageEnd(end, 'scope');
        refused ??= this.contained(() => this.scope(stop));
        this.pos = stop;
        view.scopeWireBytes += stop - at;
      } else if (tag === 26) {
        this.stringField(view.scope, SCOPE, FIELD_SCHEMA_URL, end, at, 'schema_url');
        view.scopeWireBytes += this.pos - at;
      } else this.skip(tag, end, SCOPE_SPANS, '');
    }
    this.mustEndAt(end, '');
    refused ??= this.handler.scope(view);
    this.pos = start;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 18) this.spanOrProblem(this.messageEnd(end, 'spans'), at, refused);
      else this.skip(tag, end, SCOPE_SPANS, '');
    }
    this.spanIndex = -1;
  }

  /**
   * Reads a byte of each line of the processor's cache, front to back, so that the processor sees where it goes and has the
   * lines ready: the walk below jumps from span to span first, and would wait for every one.
   */
  private touch(end: number): void {
    const { buf } = this;
    const stop = Math.min(end, this.pos + MAX_TOUCHED);
    let bits = 0;
    for (let i = this.pos; i < stop; i += CACHE_LINE) bits |= buf[i]!;
    this.touched = bits;
  }

  private spanOrProblem(end: number, at: number, parentRefused: Problem | null): void {
    this.spanIndex++;
    const refused = parentRefused ?? this.span(end, at);
    this.pos = end;
    if (refused === null) {
      this.accepted++;
      return;
    }
    this.rejected++;
    if (this.problems.length >= MAX_REPORTED_PROBLEMS) return;
    const where = refused.where.startsWith('resource_spans') ? refused.where : `${this.place()}${refused.where}`;
    this.problems.push({ ...refused, where });
  }

  private span(end: number, at: number): Problem | null {
    const { view } = this;
    view.clear();
    try {
      this.spanMessage(end);
    } catch (error) {
      if (error instanceof Malformed) return this.problemOf(error);
      throw error;
    }
    view.wireBytes = end - at;
    view.contentEnd = end;
    return this.handler.span(view);
  }

  private contained(walk: () => void): Problem | null {
    try {
      walk();
      return null;
    } catch (error) {
      if (error instanceof Malformed) return this.problemOf(error);
      throw error;
    }
  }

  private spanMessage(end: number): void {
    const { view } = this;
    const table = view.attributes;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      switch (tag) {
        case 74:
          this.attribute(table, SPAN, end, at);
          view.kept++;
          break;
        case 10:
          view.traceId = this.id(end, 16, 'trace_id');
          break;
        case 18:
          view.spanId = this.id(end, 8, 'span_id');
          break;
        case 34:
          view.parentSpanId = this.id(end, 8, 'parent_span_id');
          break;
        case 26:
          this.traceState(end, at);
          break;
        case 42:
          this.stringField(table, SPAN_NAME, FIELD_SPAN_NAME, end, at, 'name');
          break;
        case 48:
          view.kind = this.varint();
          break;
        case 57:
          view.startTime = this.fixed64();
          break;
        case 65:
          view.endTime = this.fixed64();
          break;
        case 90:
          this.event(this.messageEnd(end, 'events'));
          view.kept++;
          break;
        case 106:
          this.link(this.messageEnd(end, 'links'));
          view.kept++;
          break;
        case 80:
        case 96:
        case 112:
          view.dropped += this.varint();
          break;
        case 133:
          view.flags = this.fixed32();
          break;
        case 122:
          this.status(this.messageEnd(end, 'status'));
          break;
        default:
          this.skip(tag, end, SPAN_MESSAGE, '');
      }
    }
    this.mustEndAt(end, '');
  }

  private traceState(end: number, at: number): void {
    const { view } = this;
    const records = view.attributes.size;
    this.stringField(view.attributes, SPAN, FIELD_TRACE_STATE, end, at, 'trace_state');
    view.traceStateStart = view.attributes.size > records ? view.attributes.start[records]! : -1;
    view.traceStateEnd = this.pos;
  }

  private event(end: number): void {
    const { view } = this;
    const table = view.attributes;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 26) {
        this.attribute(table, EVENT, end, at);
        view.kept++;
      } else if (tag === 32) view.dropped += this.varint();
      else if (tag === 18) this.stringField(table, EVENT, FIELD_EVENT_NAME, end, at, 'events.name');
      else this.skip(tag, end, EVENT_MESSAGE, 'events.');
    }
    this.mustEndAt(end, 'events');
  }

  private link(end: number): void {
    const { view } = this;
    const table = view.attributes;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 34) {
        this.attribute(table, LINK, end, at);
        view.kept++;
      } else if (tag === 40) view.dropped += this.varint();
      else if (tag === 26) this.stringField(table, LINK, FIELD_TRACE_STATE, end, at, 'links.trace_state');
      else this.skip(tag, end, LINK_MESSAGE, 'links.');
    }
    this.mustEndAt(end, 'links');
  }

  private status(end: number): void {
    const table = this.view.attributes;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 18) this.stringField(table, STATUS, FIELD_STATUS_MESSAGE, end, at, 'status.message');
      else if (tag === 24) this.view.statusCode = this.varint();
      else this.skip(tag, end, STATUS_MESSAGE, 'status.');
    }
    this.mustEndAt(end, 'status');
  }

  private resource(end: number): void {
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 10) this.attribute(this.view.resource, RESOURCE, end, at);
      else if (tag === 16) this.view.resourceDropped += this.varint();
      else this.skip(tag, end, RESOURCE_MESSAGE, 'resource.');
    }
    this.mustEndAt(end, 'resource');
  }

  private scope(end: number): void {
    const table = this.view.scope;
    while (this.pos < end) {
      const at = this.pos;
      const tag = this.varint();
      if (tag === 26) this.attribute(table, SCOPE, end, at);
      else if (tag === 32) this.view.scopeDropped += this.varint();
      else if (tag === 10) this.stringField(table, SCOPE, FIELD_SCOPE_NAME, end, at, 'scope.name');
      else if (tag === 18) this.stringField(table, SCOPE, FIELD_SCOPE_VERSION, end, at, 'scope.version');
      else this.skip(tag, end, SCOPE_MESSAGE, 'scope.');
    }
    this.mustEndAt(end, 'scope');
  }

  private attribute(table: RecordTable, location: number, end: number, at: number): void {
    this.record(table, location, -1, this.messageEnd(end, 'attributes'), at);
  }

  private stringField(
    table: RecordTable,
    location: number,
    field: number,
    end: number,
    at: number,
    name: string,
  ): void {
    const stop = this.messageEnd(end, name);
    if (stop > this.pos) this.record(table, location, field, stop, at);
  }

  private record(table: RecordTable, location: number, field: number, stop: number, at: number): void {
    if (table.size >= this.limits.maxRecords) {
      throw new Malformed('attributes', 'too many attributes and texts', `at most ${this.limits.maxRecords}`);
    }
    table.add(location, field, this.pos, stop, stop - at);
    this.pos = stop;
  }

  /** Offset of an id of `size` bytes, or -1 where it is empty. */
  private id(end: number, size: number, field: string): number {
    const stop = this.messageEnd(end, field);
    const start = this.pos;
    this.pos = stop;
    if (stop === start) return -1;
    if (stop - start !== size) throw new Malformed(field, 'wrong length', `${size} bytes`);
    return start;
  }
}
