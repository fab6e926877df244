import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_DECODE_LIMITS } from '../../src/engine/decode/limits.js';
import { decodeTraceDocument, encodeTraceDocument } from '../../src/engine/decode/trace-document.js';
import {
  type AnyValue,
  type KeyValue,
  type TraceRequest,
  type TraceSpan,
} from '../../src/engine/model/trace-request.js';
import { attributeBytes, requestBytes, spanBytes, textBytes } from '../../src/engine/model/trace-size.js';
import { encodeMessage } from '../support/otlp.js';

const word = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.constantFrom('é', '漢字', '😀', 'x'.repeat(127), 'x'.repeat(128), 'é'.repeat(9000)),
);
const id = (bytes: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((array) => Buffer.from(array).toString('hex'));
const nanos = fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }).map(String);
const count = fc.integer({ min: 1, max: 2 ** 32 - 1 });
const { value } = fc.letrec<{ value: AnyValue; pair: KeyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.record({ stringValue: fc.oneof(word, fc.constant('')) }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String) }),
    fc.record({
      doubleValue: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom('NaN', '-Infinity')),
    }),
    fc.record({ bytesValue: fc.uint8Array({ maxLength: 9 }).map((array) => Buffer.from(array).toString('base64')) }),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { minLength: 1, maxLength: 3 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('pair'), { minLength: 1, maxLength: 3 }) }) }),
    fc.constant({}),
  ),
  pair: fc.record({ key: word, value: tie('value') }),
}));
const attributes = fc.array(fc.record({ key: word, value }, { requiredKeys: [] }), { minLength: 1, maxLength: 4 });
const some = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T, never>(fields, { requiredKeys: [] });
const event = some({ timeUnixNano: nanos, name: word, attributes, droppedAttributesCount: count });
const link = some({ traceId: id(16), spanId: id(8), traceState: word, attributes, droppedAttributesCount: count });
const span = some({
  ...{ traceId: id(16), spanId: id(8), parentSpanId: id(8), traceState: word, name: word },
  ...{ kind: fc.integer({ min: 1, max: 5 }), startTimeUnixNano: nanos, endTimeUnixNano: nanos, attributes },
  ...{ droppedAttributesCount: count, droppedEventsCount: count, droppedLinksCount: count, flags: count },
  events: fc.array(event, { minLength: 1, maxLength: 2 }),
  links: fc.array(link, { minLength: 1, maxLength: 2 }),
  status: some({ message: word, code: fc.constantFrom(1, 2) }),
}) as fc.Arbitrary<TraceSpan>;
const scopeSpans = some({
  scope: some({ name: word, version: word, attributes, droppedAttributesCount: count }),
  spans: fc.array(span, { minLength: 1, maxLength: 3 }),
  schemaUrl: word,
});
const resourceSpans = some({
  resource: some({ attributes, droppedAttributesCount: count }),
  scopeSpans: fc.array(scopeSpans, { minLength: 1, maxLength: 2 }),
  schemaUrl: word,
});
const request = fc.record({
  resourceSpans: fc.array(resourceSpans, { minLength: 1, maxLength: 2 }),
}) as unknown as fc.Arbitrary<TraceRequest>;

const IDS = new Set(['traceId', 'spanId', 'parentSpanId']);

/** Ids as bytes, as protobufjs wants them. */
function forProtobuf(message: unknown): object {
  const text = JSON.stringify(message);
  return JSON.parse(text, (key, item) => (IDS.has(key) ? Buffer.from(item as string, 'hex').toString('base64') : item));
}

function decoded(bytes: Uint8Array, format: 'otlp-protobuf' | 'otlp-json' = 'otlp-protobuf') {
  const result = decodeTraceDocument(bytes, format, DEFAULT_DECODE_LIMITS);
  if ('code' in result) throw new Error(`${result.where}: ${result.what}`);
  return result;
}

describe('a request as plain data', () => {
  test('sizes are those of what protobufjs writes, of requests, spans and attributes', () => {
    fc.assert(
      fc.property(request, (document) => {
        expect(requestBytes(document)).toBe(encodeMessage('ExportTraceServiceRequest', forProtobuf(document)).length);
        for (const { spans = [] } of document.resourceSpans![0]!.scopeSpans ?? []) {
          const scope = encodeMessage('ScopeSpans', forProtobuf({ spans }));
          expect(spans.reduce((sum, one) => sum + spanBytes(one), 0)).toBe(scope.length);
          for (const one of spans) {
            const own = one.attributes ?? [];
            const owner = encodeMessage('Span', forProtobuf({ attributes: own, name: one.name }));
            const sum = own.reduce((total, attribute) => total + attributeBytes(attribute), 0);
            expect(sum + textBytes(one.name ?? '')).toBe(owner.length);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('protobuf that is read and written again is the same, byte by byte in size and field by field', () => {
    fc.assert(
      fc.property(request, (document) => {
        const bytes = encodeMessage('ExportTraceServiceRequest', forProtobuf(document));
        const read = decoded(bytes).request;
        const plain = JSON.parse(JSON.stringify(document).replaceAll('-0,', '0,'));
        expect(JSON.parse(JSON.stringify(read))).toEqual(plain);
        const written = encodeTraceDocument(read);
        expect(written.length).toBe(bytes.length);
        expect(decoded(written).request).toEqual(read);
        expect(requestBytes(read)).toBe(bytes.length);
      }),
      { numRuns: 300 },
    );
  });

  test('JSON and protobuf give the same', () => {
    fc.assert(
      fc.property(request, (document) => {
        const fromJson = decoded(new TextEncoder().encode(JSON.stringify(document)), 'otlp-json').request;
        const fromBytes = decoded(encodeMessage('ExportTraceServiceRequest', forProtobuf(document))).request;
        expect(fromJson).toEqual(fromBytes);
      }),
      { numRuns: 100 },
    );
  });

  test('a malformed span is left out and told of; malformed framing refuses all', () => {
    const good = encodeMessage('Span', { name: 'good' });
    const bad = Buffer.from([0x2a, 0x7f, 0x41]);
    const spans = Buffer.concat([Buffer.from([18, good.length]), good, Buffer.from([18, bad.length]), bad]);
    const scope = Buffer.concat([Buffer.from([18, spans.length]), spans]);
    const bytes = Buffer.concat([Buffer.from([10, scope.length]), scope]);
    const { request: left, rejected, problems } = decoded(bytes);
    expect(left.resourceSpans![0]!.scopeSpans![0]!.spans).toEqual([{ name: 'good' }]);
    expect(rejected).toBe(1);
    expect(problems.map(({ where }) => where)).toEqual(['span.name']);
    expect(decodeTraceDocument(bytes.subarray(0, -1), 'otlp-protobuf', DEFAULT_DECODE_LIMITS)).toMatchObject({
      code: 'malformed',
    });
    expect(decodeTraceDocument(Buffer.from('{'), 'otlp-json', DEFAULT_DECODE_LIMITS)).toMatchObject({ where: 'body' });
  });

  test('random bytes give a document or a problem, and never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeTraceDocument(bytes, 'otlp-protobuf', DEFAULT_DECODE_LIMITS)).toBeDefined();
      }),
      { numRuns: 1000 },
    );
  });

  test('values nest as deep as the limit allows', () => {
    const nest = (levels: number): object =>
      levels === 0 ? { boolValue: true } : { arrayValue: { values: [nest(levels - 1)] } };
    const of = (levels: number) =>
      decodeTraceDocument(
        encodeMessage('ExportTraceServiceRequest', {
          resourceSpans: [{ resource: { attributes: [{ key: 'a', value: nest(levels) }] } }],
        }),
        'otlp-protobuf',
        DEFAULT_DECODE_LIMITS,
      );
    expect(of(DEFAULT_DECODE_LIMITS.maxDepth)).toHaveProperty('request');
    expect(of(DEFAULT_DECODE_LIMITS.maxDepth + 1)).toMatchObject({ where: 'arrayValue', what: 'nested too deep' });
  });
});
