import { describe, expect, test } from '@jest/globals';
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
  AT_SPAN,
  AT_START,
  AT_THRESHOLD,
  AT_TRACE,
  COLD_START,
  FROM_BROWSER,
  HAS_BAGGAGE,
  HAS_ENVIRONMENT,
  HAS_ERROR_TYPE,
  HAS_INSTANCE,
  HAS_NAME,
  HAS_POD,
  HAS_PROFILE,
  HAS_VERSION,
  HTTP_5XX,
  KIND_MASK,
  NUMBERS,
  PEER_BY_NAME,
  REMOTE_PARENT,
  type SpanFacts,
  WARM_START,
  WORDS,
} from '../../src/engine/model/span-facts.js';
import { makeAnalyser } from '../support/analyser.js';
import { type Attributes, encodeRequest, jsonRequest, type TestResource, type TestSpan } from '../support/otlp.js';

const NOW = Date.UTC(2026, 10, 23, 10, 30);
const TRACE = '0102030405060708090a0b0c0d0e0f10';

function factsOf(
  resources: readonly TestResource[],
  format: 'otlp-protobuf' | 'otlp-json' = 'otlp-protobuf',
): SpanFacts {
  const body = format === 'otlp-json' ? new TextEncoder().encode(jsonRequest(resources)) : encodeRequest(resources);
  return makeAnalyser().analyse(body, format, NOW).facts;
}

const ofSpans = (...spans: TestSpan[]): SpanFacts =>
  factsOf([{ resource: { 'service.name': 'web' }, spans: spans.map((span) => ({ start: NOW, ...span })) }]);
const word = (facts: SpanFacts, span: number, at: number): number => facts.words[span * WORDS + at]!;
const number = (facts: SpanFacts, span: number, at: number): number => facts.numbers[span * NUMBERS + at]!;
const flagsOf = (attributes: Attributes): number => word(ofSpans({ kind: 1, attributes }), 0, AT_FLAGS) & ~KIND_MASK;

const WHOLE: TestResource[] = [
  {
    resource: { 'service.name': 'web', 'host.name': 'a', 'service.instance.id': 'i', 'k8s.pod.name': 'p' },
    scope: { name: 'http', version: '1.2' },
    spans: [
      {
        ...{
          traceId: TRACE,
          spanId: '1112131415161718',
          parentSpanId: '2122232425262728',
          name: 'GET /users/17',
          kind: 3,
        },
        ...{ start: NOW - 40, took: 30, traceState: 'ot=th:8', flags: 0x301, dropped: [3, 2, 1] as const },
        attributes: { 'server.address': 'orders', 'server.port': 8080, a: 1 },
        events: [{ name: 'e', attributes: { b: 1 }, dropped: 4 }],
        links: [{ traceState: 'ot=th:c', attributes: {} }],
        status: { code: 2 },
      },
      { traceId: TRACE, spanId: '2122232425262728', name: 'GET /users/18', start: NOW - 50, took: 50 },
    ],
  },
];

describe('facts of spans', () => {
  test.each(['otlp-protobuf', 'otlp-json'] as const)(
    'ids, times, kind, status, counts and names, from %s',
    (format) => {
      const facts = factsOf(WHOLE, format);
      expect(facts.spans).toBe(2);
      expect(facts.words).toHaveLength(2 * WORDS);
      expect([0, 1, 2, 3].map((i) => word(facts, 0, AT_TRACE + i))).toEqual([
        ...[0x04030201, 0x08070605, 0x0c0b0a09, 0x100f0e0d],
      ]);
      expect([word(facts, 0, AT_SPAN), word(facts, 0, AT_SPAN + 1)]).toEqual([0x14131211, 0x18171615]);
      expect([word(facts, 0, AT_PARENT), word(facts, 0, AT_PARENT + 1)]).toEqual([0x24232221, 0x28272625]);
      expect([word(facts, 1, AT_PARENT), word(facts, 1, AT_PARENT + 1)]).toEqual([0, 0]);
      expect(word(facts, 0, AT_FLAGS)).toBe(3 | (2 << 3) | REMOTE_PARENT);
      expect(word(facts, 1, AT_FLAGS)).toBe(2);
      // Three attributes, an event with one, a link; dropped: 3 + 2 + 1, and 4 of the event.
      expect(word(facts, 0, AT_KEPT)).toBe(6 | (10 << 16));
      expect(number(facts, 0, AT_START)).toBeCloseTo(NOW - 40, 2);
      expect(number(facts, 0, AT_END)).toBeCloseTo(NOW - 10, 2);
      expect([number(facts, 0, AT_THRESHOLD), number(facts, 1, AT_THRESHOLD)]).toEqual([0.5, -1]);
      expect(facts.operations).toEqual(['GET /users/{id}']);
      expect([word(facts, 0, AT_OPERATION), word(facts, 1, AT_OPERATION)]).toEqual([0, 0]);
      expect(facts.scopes).toEqual([{ name: 'http', version: '1.2' }]);
      expect([word(facts, 0, AT_SCOPE), word(facts, 0, AT_RESOURCE)]).toEqual([0, 0]);
      expect(word(facts, 0, AT_HOST)).not.toBe(0);
      expect(word(facts, 0, AT_PEER)).not.toBe(0);
    },
  );

  test('the same span has the same digest wherever it comes, another one under its id has not', () => {
    const span: TestSpan = {
      traceId: TRACE,
      spanId: '1112131415161718',
      start: NOW,
      attributes: { text: 'x'.repeat(500) },
    };
    const alone = ofSpans(span);
    const among = ofSpans({ name: 'another' }, span);
    expect(word(among, 1, AT_DIGEST)).toBe(word(alone, 0, AT_DIGEST));
    expect(word(ofSpans({ ...span, took: 6 }), 0, AT_DIGEST)).not.toBe(word(alone, 0, AT_DIGEST));
    expect(word(ofSpans({ ...span, name: 'longer name' }), 0, AT_DIGEST)).not.toBe(word(alone, 0, AT_DIGEST));
  });

  test.each<[string, Attributes, number]>([
    ['an error type', { 'error.type': 'timeout' }, HAS_ERROR_TYPE],
    ['HTTP 500', { 'http.response.status_code': 500 }, HTTP_5XX],
    ['HTTP 599, the old name', { 'http.status_code': 599 }, HTTP_5XX],
    ['HTTP 503 as text', { 'http.response.status_code': '503' }, HTTP_5XX],
    ['HTTP 499', { 'http.response.status_code': 499 }, 0],
    ['HTTP 200', { 'http.response.status_code': 200 }, 0],
    ['a huge number', { 'http.response.status_code': 5_000_000_000 }, 0],
    ['baggage, by prefix', { 'baggage.user': 'x' }, HAS_BAGGAGE],
    ['baggage, the header', { 'http.request.header.baggage': ['x=y'] }, HAS_BAGGAGE],
    ['a profile', { 'pyroscope.profile.id': '0123456789abcdef' }, HAS_PROFILE],
    ['a cold start', { 'faas.coldstart': true }, COLD_START],
    ['a warm start', { 'faas.coldstart': false }, WARM_START],
    ['nothing', { 'http.route': '/x', tracestate: 'ot=th:8' }, 0],
  ])('%s', (_, attributes, flags) => {
    expect(flagsOf(attributes)).toBe(flags);
  });

  test('an exception is an error type, wherever it was recorded', () => {
    const facts = ofSpans({ kind: 1, events: [{ name: 'exception', attributes: { 'exception.type': 'E' } }] });
    expect(word(facts, 0, AT_FLAGS) & HAS_ERROR_TYPE).not.toBe(0);
  });

  test('caller and called know each other by address and port', () => {
    const at = (kind: number, address: string, port: number, key = 'server.address'): number =>
      word(ofSpans({ kind, attributes: { [key]: address, 'server.port': port } }), 0, AT_PEER);
    expect(at(3, 'orders', 80)).toBe(at(2, 'orders', 80));
    expect(at(3, 'orders', 80)).toBe(at(2, 'orders', 80, 'net.host.name'));
    expect(at(3, 'orders', 80)).not.toBe(at(3, 'orders', 81));
    expect(at(3, 'orders', 80)).not.toBe(at(3, 'basket', 80));
    expect(at(1, 'orders', 80)).toBe(0);
  });

  test('a caller that names the service knows it by name', () => {
    const facts = factsOf([
      {
        resource: { 'service.name': 'web' },
        spans: [{ start: NOW, kind: 3, attributes: { 'peer.service': 'orders' } }],
      },
      { resource: { 'service.name': 'orders' }, spans: [{ start: NOW }] },
    ]);
    expect(word(facts, 0, AT_PEER)).toBe(facts.resources[1]!.nameHash);
    expect(word(facts, 0, AT_FLAGS) & PEER_BY_NAME).not.toBe(0);
  });

  test('of a resource: what it has, whose it is, and from a browser', () => {
    const keysOf = (resource: Attributes): number =>
      factsOf([{ resource, spans: [{ start: NOW }] }]).resources[0]!.keys;
    expect(keysOf({})).toBe(0);
    expect(keysOf({ 'service.name': '' })).toBe(0);
    expect(keysOf({ 'service.name': 5 })).toBe(0);
    expect(keysOf({ 'service.name': 'web', 'service.version': '1', 'deployment.environment': 'x' })).toBe(
      HAS_NAME | HAS_VERSION | HAS_ENVIRONMENT,
    );
    expect(keysOf({ 'service.instance.id': 'i', 'k8s.pod.name': 'p' })).toBe(HAS_INSTANCE | HAS_POD);
    const browser = factsOf([{ resource: { 'telemetry.sdk.language': 'webjs' }, spans: [{ start: NOW }] }]);
    expect(word(browser, 0, AT_FLAGS) & FROM_BROWSER).not.toBe(0);
    const other = factsOf([{ resource: { 'telemetry.sdk.language': 'nodejs' }, spans: [{ start: NOW }] }]);
    expect(word(other, 0, AT_FLAGS) & FROM_BROWSER).toBe(0);
  });

  test('one instance at two pods is told from two instances', () => {
    const of = (instance: string, pod: string) =>
      factsOf([{ resource: { 'service.instance.id': instance, 'k8s.pod.name': pod }, spans: [{ start: NOW }] }])
        .resources[0]!;
    expect(of('a', 'p').instance).toBe(of('a', 'q').instance);
    expect(of('a', 'p').instanceAndPod).not.toBe(of('a', 'q').instanceAndPod);
    expect(of('a', 'p').instanceAndPod).toBe(of('a', 'p').instanceAndPod);
    expect(
      factsOf([{ resource: { 'service.instance.id': 'a' }, spans: [{ start: NOW }] }]).resources[0]!.instance,
    ).toBe(-1);
  });

  test('names pass the detectors, and nothing of a value is in the facts', () => {
    const facts = factsOf([
      {
        resource: { 'service.name': 'web', 'host.name': 'secret-host' },
        scope: { name: 'lib of ann@shop.test', version: 'bob@shop.test' },
        spans: [{ start: NOW, name: 'mail to eve@shop.test', attributes: { 'server.address': 'secret-peer' } }],
      },
    ]);
    const { words, numbers, ...names } = facts;
    expect(JSON.stringify(names)).not.toMatch(/ann|bob|eve|secret/);
    const bytes = Buffer.concat([Buffer.from(words.buffer), Buffer.from(numbers.buffer)]);
    expect(bytes.includes('secret')).toBe(false);
  });

  test('a request that is refused leaves nothing', () => {
    const body = encodeRequest(WHOLE);
    const { refused, facts } = makeAnalyser().analyse(body.subarray(0, body.length - 3), 'otlp-protobuf', NOW);
    expect(refused).not.toBeNull();
    expect([facts.spans, facts.resources, facts.operations]).toEqual([0, [], []]);
  });
});
