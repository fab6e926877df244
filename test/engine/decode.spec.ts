import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_DECODE_LIMITS } from '../../src/engine/decode/limits.js';
import { formatProblem } from '../../src/engine/problem.js';
import { type ListedRecord, listRequest } from '../support/listing.js';
import { type Attributes, encodeRequest, jsonRequest, type TestResource, type Value } from '../support/otlp.js';

const text = new TextEncoder();
const START = 1_790_000_000_000;

/** What the handler must see of an attribute, worked out from the input alone. */
function expected(location: string, key: string, value: Value): object {
  return { location, key, type: typeOf(value), leaves: leavesOf(value, '') };
}

function typeOf(value: Value): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'double';
  if (value instanceof Uint8Array) return 'bytes';
  return Array.isArray(value) ? 'array' : 'map';
}

function leavesOf(value: Value, path: string): [string, string][] {
  if (value instanceof Uint8Array) return [[path, Buffer.from(value).toString('hex')]];
  if (Array.isArray(value)) return value.flatMap((item: Value) => leavesOf(item, path));
  if (typeof value === 'object') {
    return Object.entries(value as Attributes).flatMap(([key, item]) => [
      ...(key === '' ? [] : [[key, key] as [string, string]]),
      ...leavesOf(item, key),
    ]);
  }
  return [[path, String(value)]];
}

const wellFormed = fc.string({ unit: 'grapheme', maxLength: 40 });
const scalar: fc.Arbitrary<Value> = fc.oneof(
  wellFormed,
  fc.boolean(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((d) => !Number.isInteger(d)),
  fc.uint8Array({ maxLength: 20 }),
);
const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((k) => k !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
})).value;
const attributes = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 30 }).filter((k) => k !== '__proto__'),
  value,
  { maxKeys: 6 },
);
const requests: fc.Arbitrary<TestResource[]> = fc.array(
  fc.record({
    resource: attributes,
    spans: fc.array(
      fc.record({
        name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
        start: fc.constant(START),
        attributes,
        events: fc.array(fc.record({ name: fc.constant('exception'), attributes }), { maxLength: 2 }),
        links: fc.array(fc.record({ traceState: fc.constant('a=b'), attributes }), { maxLength: 1 }),
        status: fc.constant({ code: 2, message: 'failed' }),
      }),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 3 },
);

const withoutSize = ({ location, key, type, leaves }: ListedRecord): object => ({ location, key, type, leaves });
const byPlace = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

describe('OTLP', () => {
  test('every record of every span is seen, once, as it was sent', () => {
    fc.assert(
      fc.property(requests, (resources) => {
        const { decoded, spans, resources: seenResources } = listRequest(encodeRequest(resources), 'otlp-protobuf');
        expect(decoded).toMatchObject({ refused: null, rejected: 0 });
        expect(seenResources.map((records) => records.map(withoutSize))).toEqual(
          resources.map((r) => Object.entries(r.resource!).map(([k, v]) => expected('resource', k, v))),
        );
        const wanted = resources
          .flatMap((r) => r.spans)
          .map((span) => [
            expected('span_name', 'span.name', span.name!),
            ...Object.entries(span.attributes!).map(([k, v]) => expected('span', k, v)),
            ...span.events!.flatMap((e) => [
              expected('event', 'event.name', e.name),
              ...Object.entries(e.attributes).map(([k, v]) => expected('event', k, v)),
            ]),
            ...span.links!.flatMap((l) => [
              expected('link', 'tracestate', l.traceState),
              ...Object.entries(l.attributes).map(([k, v]) => expected('link', k, v)),
            ]),
            expected('status', 'otel.status_description', span.status!.message!),
          ]);
        expect(spans.map((records) => records.map(withoutSize).sort(byPlace))).toEqual(
          wanted.map((w) => w.sort(byPlace)),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('JSON and protobuf of a request give the same records, bytes and times', () => {
    fc.assert(
      fc.property(requests, (resources) => {
        const protobuf = listRequest(encodeRequest(resources), 'otlp-protobuf');
        const json = listRequest(text.encode(jsonRequest(resources)), 'otlp-json');
        // The test's two encoders number their spans on; ids do not show in records.
        expect(json).toEqual(protobuf);
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    [{ k: 'v' }, 1 + 8 + 1],
    [{ 'user.id': 'x'.repeat(100) }, 7 + 100 + 8],
    [{ k: 'v'.repeat(200) }, 1 + 200 + 8 + 3],
    [{ n: 5 }, 1 + 8],
    [{ b: true }, 1 + 8],
    [{ d: 1.5 }, 1 + 8 + 7],
  ])('counts the exact bytes of %j', (given, bytes) => {
    const { spans } = listRequest(encodeRequest([{ spans: [{ attributes: given as Attributes }] }]), 'otlp-protobuf');
    expect(spans[0]!.find((r) => r.location === 'span')!.wireBytes).toBe(bytes);
  });

  test('fields in another order, unknown fields and empty messages are taken', () => {
    const resource = field(1, field(1, Buffer.concat([field(1, 'k'), field(2, field(1, 'v'))])));
    const span = Buffer.concat([varintField(99, 7), field(98, 'new'), field(5, 'late name')]);
    const spansFirst = field(1, Buffer.concat([field(2, field(2, span)), resource]));
    const { decoded, resources, spans } = listRequest(spansFirst, 'otlp-protobuf');
    expect(decoded).toMatchObject({ accepted: 1, rejected: 0, refused: null });
    expect(resources[0]).toMatchObject([{ key: 'k', leaves: [['', 'v']] }]);
    expect(spans[0]).toMatchObject([{ key: 'span.name', leaves: [['', 'late name']] }]);
    expect(listRequest(new Uint8Array(0), 'otlp-protobuf').decoded).toMatchObject({ accepted: 0, refused: null });
    expect(listRequest(text.encode('{}'), 'otlp-json').decoded).toMatchObject({ accepted: 0, refused: null });
  });
});

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}

function field(number: number, content: string | Uint8Array): Buffer {
  const body = Buffer.from(content as Uint8Array);
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}

function varintField(number: number, value: number): Buffer {
  return Buffer.concat([varint(number * 8), varint(value)]);
}

const inSpan = (content: Uint8Array): Buffer => field(1, field(2, field(2, content)));
const good = field(5, 'good');
const inRequest = (...spans: Uint8Array[]): Buffer => field(1, field(2, Buffer.concat(spans.map((s) => field(2, s)))));
const nested = (depth: number): Buffer => {
  let any = field(1, 'x');
  for (let i = 0; i < depth; i++) any = field(5, field(1, any));
  return field(9, Buffer.concat([field(1, 'deep'), field(2, any)]));
};
const attribute = (i: number): Buffer => field(9, Buffer.concat([field(1, `k${i}`), field(2, field(1, 'v'))]));

describe('bad protobuf', () => {
  const whole = encodeRequest([{ resource: { a: 'b' }, spans: [{ attributes: { k: 'v', n: [1, { x: 'y' }] } }, {}] }]);

  test('a request that ends early is refused, wherever it ends', () => {
    for (let end = 1; end < whole.length; end++) {
      const { decoded } = listRequest(whole.subarray(0, end), 'otlp-protobuf');
      expect(decoded.refused).not.toBeNull();
    }
  });

  test.each([
    ['an id of the wrong length', field(1, 'short'), 'spans[1].trace_id: wrong length; 16 bytes'],
    ['a name that is a number', varintField(5, 7), 'spans[1].#5: wire type 0; the types of opentelemetry-proto'],
    [
      'an attribute that ends early',
      field(9, Buffer.from([10, 200, 1, 65])),
      'spans[1].attributes.key: the data ends before the field does; a complete message',
    ],
    [
      'a key that is a number',
      field(9, varintField(1, 3)),
      'spans[1].attributes.#1: wire type 0; the types of opentelemetry-proto',
    ],
    ['a group', Buffer.from([(20 << 3) | 3]), undefined],
    [
      'too many attributes',
      Buffer.concat(Array.from({ length: 4097 }, (_, i) => attribute(i))),
      'spans[1].attributes: too many attributes and texts; at most 4096',
    ],
    [
      'too many events',
      Buffer.concat(Array.from({ length: 4097 }, () => field(11, field(2, 'e')))),
      'spans[1].attributes: too many attributes and texts; at most 4096',
    ],
    ['nesting without end', nested(33), 'spans[1].attributes.value: nested too deep; at most 32 levels'],
    [
      'a varint without end',
      field(9, Buffer.concat([field(1, 'k'), field(2, Buffer.from([24, ...Array(11).fill(255)]))])),
      undefined,
    ],
  ])('%s refuses its span and no other', (_, bad, message) => {
    const { decoded, spans } = listRequest(inRequest(good, bad, good), 'otlp-protobuf');
    expect(decoded).toMatchObject({ accepted: 2, rejected: 1, refused: null });
    expect(spans).toHaveLength(2);
    if (message !== undefined) {
      expect(formatProblem(decoded.problems[0]!)).toBe(`resource_spans[0].scope_spans[0].${message}`);
    }
  });

  test('a bad resource refuses its spans and no others', () => {
    const bad = field(
      1,
      Buffer.concat([field(1, varintField(1, 7)), field(2, field(2, good)), field(2, field(2, good))]),
    );
    const { decoded } = listRequest(Buffer.concat([bad, inSpan(good)]), 'otlp-protobuf');
    expect(decoded).toMatchObject({ accepted: 1, rejected: 2, refused: null });
  });

  test('a request of changed bytes never throws, and counts every span once at most', () => {
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
        const bytes = Uint8Array.from(whole);
        for (const { at, to } of changes) bytes[at] = to;
        const { decoded, spans } = listRequest(bytes, 'otlp-protobuf');
        if (decoded.refused === null) expect(spans).toHaveLength(decoded.accepted);
      }),
      { numRuns: 3000 },
    );
  });

  test('random bytes never throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void listRequest(bytes, 'otlp-protobuf')),
      { numRuns: 2000 },
    );
  });
});

describe('bad JSON', () => {
  const span = (fields: string): Uint8Array =>
    text.encode(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"good"},{${fields}},{"name":"good"}]}]}]}`);

  test.each([
    ['"name":5', 'name: not a string; a string'],
    ['"traceId":"xyz"', 'traceId: not hex digits; hex digits'],
    ['"kind":"SPAN_KIND_SERVER"', 'kind: not an integer from the enumeration; an integer from the enumeration'],
    ['"startTimeUnixNano":-1', 'startTimeUnixNano: not an unsigned 64-bit integer; an unsigned 64-bit integer'],
    ['"attributes":{"a":1}', 'attributes: not an array; an array'],
    ['"attributes":[{"key":"k","value":"v"}]', 'attributes[0].value: not an object; an object'],
    [
      '"attributes":[{"key":"k","value":{"intValue":"1.5"}}]',
      'attributes[0].value.intValue: not an integer, as number or string; an integer, as number or string',
    ],
    [
      '"attributes":[{"key":"k","value":{"bytesValue":"*"}}]',
      'attributes[0].value.bytesValue: not base64 text; base64 text',
    ],
  ])('%s refuses its span and no other', (fields, message) => {
    const { decoded } = listRequest(span(fields), 'otlp-json');
    expect(decoded).toMatchObject({ accepted: 2, rejected: 1, refused: null });
    expect(formatProblem(decoded.problems[0]!)).toBe(`resourceSpans[0].scopeSpans[0].spans[1].${message}`);
  });

  test.each(['', '{', '[1', 'nonsense', '{"resourceSpans":{}}', '{"resourceSpans":[5]}', '\xff'])(
    '%j is refused',
    (json) => {
      expect(listRequest(Buffer.from(json, 'latin1'), 'otlp-json').decoded.refused).not.toBeNull();
    },
  );

  test('keys that mean something to JavaScript are keys', () => {
    const attributes = ['__proto__', 'constructor', 'toString'].map(
      (key) => `{"key":"${key}","value":{"stringValue":"v"}}`,
    );
    const proto = `"__proto__":{"name":"inherited"},"attributes":[${attributes.join(',')}]`;
    const { decoded, spans } = listRequest(span(proto), 'otlp-json');
    expect(decoded.accepted).toBe(3);
    expect(spans[1]!.map((r) => r.key)).toEqual(['__proto__', 'constructor', 'toString']);
    expect(({} as { name?: string }).name).toBeUndefined();
  });

  test('nesting and size are bounded before anything is built', () => {
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    expect(listRequest(text.encode(deep), 'otlp-json').decoded.refused).toMatchObject({ what: 'nested too deep' });
    const wide = `{"a":[${'1,'.repeat(50)}1]}`;
    const limits = { ...DEFAULT_DECODE_LIMITS, maxJsonNodes: 40 };
    expect(listRequest(text.encode(wide), 'otlp-json', limits).decoded.refused).toMatchObject({
      what: 'too many values',
    });
  });

  test('names are read in any case of ids, and numbers as number or text', () => {
    const { decoded, times } = listRequest(
      span(
        '"traceId":"5B8EFFF798038103D269B633813FC60C","spanId":"EEE19B7EC3C1B174","startTimeUnixNano":"1544712660000000000","endTimeUnixNano":1544712661000000000',
      ),
      'otlp-json',
    );
    expect(decoded.accepted).toBe(3);
    expect(times[1]).toEqual([1544712660000000000, 1544712661000000000]);
  });
});
