import {
  AT_DIGEST,
  AT_END,
  AT_FLAGS,
  AT_HOST,
  AT_KEPT,
  AT_OPERATION,
  AT_PARENT,
  AT_PEER,
  AT_RESOURCE,
  AT_SCOPE,
  AT_SIZE,
  AT_SPAN,
  AT_START,
  AT_THRESHOLD,
  AT_TRACE,
  FROM_BROWSER,
  NUMBERS,
  REMOTE_PARENT,
  type ResourceFacts,
  type ScopeFacts,
  type SpanFacts,
  STATUS_SHIFT,
  WORDS,
} from '../model/span-facts.js';
import type { SpanView } from '../model/span-view.js';

const PARENT_IS_REMOTE = 0x300;
const SAMPLED_WORDS = 16;

/** Collects the facts of one request, in columns that are used again for the next one. */
export class SpanFactsBuilder {
  private spans = 0;
  private words = new Int32Array(WORDS * 512);
  private numbers = new Float64Array(NUMBERS * 512);
  private resources: ResourceFacts[] = [];
  /** The resource that came last, until one of its spans does. */
  private next: ResourceFacts | null = null;
  private scopes: ScopeFacts[] = [];
  private readonly operations = new Map<string, number>();
  private host = 0;
  private browser = 0;
  private bytes: Uint8Array | null = null;
  private view: DataView = new DataView(new ArrayBuffer(0));

  begin(): void {
    this.spans = 0;
    this.resources = [];
    this.next = null;
    this.scopes = [];
    this.operations.clear();
    this.bytes = null;
  }

  /**
   * A resource counts with the first of its spans.
   *
   * @param host keyed hash, 32 bits; 0 where the resource names none
   * @param bytes that the offsets of its spans point into
   */
  resource(facts: ResourceFacts, host: number, isBrowser: boolean, bytes: Uint8Array): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.next = facts;
    this.host = host;
    this.browser = isBrowser ? FROM_BROWSER : 0;
  }

  scope(facts: ScopeFacts): void {
    this.scopes.push(facts);
  }

  /** Index of an operation. */
  operation(template: string): number {
    let index = this.operations.get(template);
    if (index === undefined) {
      index = this.operations.size;
      this.operations.set(template, index);
    }
    return index;
  }

  /**
   * Adds a span of the resource and scope that came last.
   *
   * @param flags those of model/span-facts.ts that follow from attributes
   * @param peer keyed hash, 32 bits
   * @param threshold T/2^56, or -1
   */
  add(span: SpanView, operation: number, flags: number, peer: number, threshold: number): void {
    if ((this.spans + 1) * WORDS > this.words.length) this.grow();
    if (this.next !== null) {
      this.resources.push(this.next);
      this.next = null;
    }
    const { words, numbers, view } = this;
    const at = this.spans * WORDS;
    this.put(at + AT_TRACE, span.traceId, 4);
    this.put(at + AT_SPAN, span.spanId, 2);
    this.put(at + AT_PARENT, span.parentSpanId, 2);
    const remote = (span.flags & PARENT_IS_REMOTE) === PARENT_IS_REMOTE ? REMOTE_PARENT : 0;
    const kind = span.kind > 5 ? 0 : span.kind;
    const status = span.statusCode > 2 ? 0 : span.statusCode;
    words[at + AT_FLAGS] = kind | (status << STATUS_SHIFT) | flags | remote | this.browser;
    words[at + AT_DIGEST] = digest(view, span);
    words[at + AT_RESOURCE] = this.resources.length - 1;
    words[at + AT_SCOPE] = this.scopes.length - 1;
    words[at + AT_OPERATION] = operation;
    words[at + AT_PEER] = peer;
    words[at + AT_KEPT] = least16(span.kept) | (least16(span.dropped) << 16);
    words[at + AT_HOST] = this.host;
    words[at + AT_SIZE] = span.wireBytes;
    const number = this.spans * NUMBERS;
    numbers[number + AT_START] = span.startTime / 1e6;
    numbers[number + AT_END] = span.endTime / 1e6;
    numbers[number + AT_THRESHOLD] = threshold;
    this.spans++;
  }

  finish(): SpanFacts {
    const { spans, resources, scopes } = this;
    const operations = [...this.operations.keys()];
    const words = this.words.slice(0, spans * WORDS);
    const numbers = this.numbers.slice(0, spans * NUMBERS);
    return { spans, words, numbers, resources, scopes, operations };
  }

  private put(at: number, offset: number, words: number): void {
    for (let i = 0; i < words; i++) this.words[at + i] = offset < 0 ? 0 : this.view.getInt32(offset + 4 * i, true);
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    const numbers = new Float64Array(this.numbers.length * 2);
    words.set(this.words);
    numbers.set(this.numbers);
    this.words = words;
    this.numbers = numbers;
  }
}

function least16(count: number): number {
  return count > 0xffff ? 0xffff : count;
}

/**
 * 32 bits that follow from the times and the length of a span and from 16 words spread evenly over its bytes. Two
 * deliveries of one span have the same; two spans under one id do not even have the same times.
 */
function digest(view: DataView, { startTime, endTime, wireBytes, contentEnd }: SpanView): number {
  let hash = Math.imul(wireBytes ^ ((startTime / 256) | 0), 0x9e3779b1) ^ ((endTime / 256) | 0);
  const step = Math.max(4, Math.floor(wireBytes / SAMPLED_WORDS));
  for (let at = contentEnd - 4; at >= contentEnd - wireBytes; at -= step) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(at, true), 0x85ebca6b);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
