import { ARRAY, BOOL, BYTES, DOUBLE, INT, MAP, STRING } from '../model/location.js';
import { AttributeView } from '../model/span-view.js';
import { type Problem, problem } from '../problem.js';
import type { DecodeLimits } from './limits.js';
import { Malformed, NO_FIELD, ProtobufReader } from './protobuf-reader.js';

/* Wire types by field number, from opentelemetry/proto/common/v1/common.proto. */
const KEY_VALUE = [NO_FIELD, 2, 2];
const ANY_VALUE = [NO_FIELD, 2, 0, 0, 1, 2, 2, 2];
const ARRAY_VALUE = [NO_FIELD, 2];

/** Reads single attributes, whichever request they are in; one reader serves many. */
export class AttributeReader extends ProtobufReader {
  private depth = 0;
  private view = new AttributeView();
  private keyStart = 0;
  private keyEnd = 0;
  private valueStart = 0;
  private valueEnd = 0;

  constructor(private readonly limits: DecodeLimits) {
    super(new Uint8Array(0));
  }

  /** Reads the KeyValue message whose content is bytes[start, end) into `view`. */
  read(bytes: Uint8Array, start: number, end: number, view: AttributeView): Problem | null {
    this.buf = bytes;
    this.pos = start;
    this.view = view;
    this.depth = 0;
    view.leaves = 0;
    view.type = 0;
    try {
      this.attribute(end);
      return null;
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return problem('malformed', error.field, error.what, error.allowed);
    }
  }

  private attribute(end: number): void {
    const { view } = this;
    this.keyValue(end);
    const { keyStart, keyEnd, valueStart, valueEnd } = this;
    view.keyStart = keyStart;
    view.keyEnd = keyEnd;
    view.valueStart = valueStart;
    view.valueEnd = valueEnd;
    if (valueStart === valueEnd) return;
    this.pos = valueStart;
    view.type = this.anyValue(valueEnd, -1, -1);
  }

  /** Finds key and value of a KeyValue; where a field is missing both of its offsets are equal. */
  private keyValue(end: number): void {
    this.keyStart = this.keyEnd = this.valueStart = this.valueEnd = this.pos;
    while (this.pos < end) {
      const tag = this.varint();
      if (tag === 10) {
        this.keyEnd = this.messageEnd(end, 'attributes.key');
        this.keyStart = this.pos;
        this.pos = this.keyEnd;
      } else if (tag === 18) {
        this.valueEnd = this.messageEnd(end, 'attributes.value');
        this.valueStart = this.pos;
        this.pos = this.valueEnd;
      } else this.skip(tag, end, KEY_VALUE, 'attributes.');
    }
    this.mustEndAt(end, 'attributes');
  }

  /** Adds the leaves of an AnyValue and gives its type. */
  private anyValue(end: number, pathStart: number, pathEnd: number): number {
    let type = 0;
    while (this.pos < end) {
      const tag = this.varint();
      const from = this.pos;
      switch (tag) {
        case 10:
        case 58: {
          const stop = this.messageEnd(end, 'attributes.value');
          type = tag === 10 ? STRING : BYTES;
          this.leaf(type, this.pos, stop, pathStart, pathEnd);
          this.pos = stop;
          break;
        }
        case 16:
        case 24:
          this.varint();
          type = tag === 16 ? BOOL : INT;
          this.leaf(type, from, this.pos, pathStart, pathEnd);
          break;
        case 33:
          this.pos += 8;
          this.mustNotPass(end);
          type = DOUBLE;
          this.leaf(DOUBLE, from, this.pos, pathStart, pathEnd);
          break;
        case 42:
          type = ARRAY;
          this.array(this.messageEnd(end, 'attributes.value'), pathStart, pathEnd);
          break;
        case 50:
          type = MAP;
          this.map(this.messageEnd(end, 'attributes.value'));
          break;
        default:
          this.skip(tag, end, ANY_VALUE, 'attributes.value.');
      }
    }
    this.mustEndAt(end, 'attributes.value');
    return type;
  }

  private array(end: number, pathStart: number, pathEnd: number): void {
    this.enter();
    while (this.pos < end) {
      const tag = this.varint();
      if (tag === 10) this.anyValue(this.messageEnd(end, 'attributes.value.array_value'), pathStart, pathEnd);
      else this.skip(tag, end, ARRAY_VALUE, 'attributes.value.array_value.');
    }
    this.depth--;
    this.mustEndAt(end, 'attributes.value.array_value');
  }

  private map(end: number): void {
    this.enter();
    while (this.pos < end) {
      const tag = this.varint();
      if (tag === 10) this.entry(this.messageEnd(end, 'attributes.value.kvlist_value'));
      else this.skip(tag, end, ARRAY_VALUE, 'attributes.value.kvlist_value.');
    }
    this.depth--;
    this.mustEndAt(end, 'attributes.value.kvlist_value');
  }

  private entry(end: number): void {
    this.keyValue(end);
    const { keyStart, keyEnd, valueStart, valueEnd } = this;
    if (keyEnd > keyStart) this.leaf(STRING, keyStart, keyEnd, keyStart, keyEnd);
    if (valueEnd > valueStart) {
      this.pos = valueStart;
      this.anyValue(valueEnd, keyStart, keyEnd);
    }
    this.pos = end;
  }

  private leaf(type: number, start: number, end: number, pathStart: number, pathEnd: number): void {
    if (this.view.leaves >= this.limits.maxValues) {
      throw new Malformed('attributes.value', 'too many values', `at most ${this.limits.maxValues} in an attribute`);
    }
    this.view.addLeaf(type, start, end, pathStart, pathEnd);
  }

  private enter(): void {
    if (++this.depth > this.limits.maxDepth) {
      throw new Malformed('attributes.value', 'nested too deep', `at most ${this.limits.maxDepth} levels`);
    }
  }

  private mustNotPass(end: number): void {
    if (this.pos > end) throw new Malformed('attributes.value', 'the data ends inside a field', 'a complete message');
  }
}
