import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { simulationTools } from '../../src/edge/policy/simulation-tools.js';
import { toYaml } from '../../src/edge/serve/policy-sets.js';
import type { PolicyVersion, SampleAction } from '../../src/engine/model/policy.js';
import type { KeyValue, ResourceSpans, TraceRequest, TraceSpan } from '../../src/engine/model/trace-request.js';
import { keepsSpan, TraceSampler } from '../../src/engine/policy/sample-traces.js';
import { renderOtelCollector } from '../../src/engine/policy/targets/otel-collector.js';
import { describeWith } from '../support/needs.js';
import { eventually } from '../support/service.js';
import { type Collector, Folder, MISSING_COLLECTOR, startCollector, validate } from './collector.js';

const TRACES = 5_000;
const REQUESTS = 10;
const START = 1_800_000_000_000_000_000n;
const SENTINEL = 'f'.repeat(32);

const SERVICES = ['checkout', 'web', 'cart "1"', '$1 ${env:HOME}', ''];
const ENVIRONMENTS = ['production', 'staging', ''];
const NAMES = [
  'GET /cart',
  'GET /items/{id}',
  'GET /items/4711',
  'GET /items/abc',
  'GET /items/47/11',
  'GET /items/x\u00a01',
  "SELECT '{value}'",
  "SELECT 'a b'",
  'POST /orders/77/pay',
  'GET /health',
  'a.b*c\\d"$1',
  'axbbbc\\d"$1',
  '',
];

function version(id: string, services: string[], action: Partial<SampleAction>): PolicyVersion {
  const keep = { errors: false, slowerThanMs: null, critical: [] };
  const common = { cause: id, title: '', reason: '', findings: [], location: 'span', key: 'trace_id' } as const;
  const rest = { operations: [], otherwise: 1, floor: 0.001, budget: null, adaptive: false };
  return {
    ...{ id, version: 1, state: 'approved' },
    policy: {
      ...common,
      services,
      action: { kind: 'sample', stage: 'tail', environment: '', keep, ...rest, ...action },
    },
  };
}

const rate = (service: string, operation: string, probability: number) => ({ service, operation, probability });
const KEEP = {
  errors: true,
  slowerThanMs: 1500,
  critical: [
    { kind: 'name', name: 'POST /orders/{id}/pay' },
    { kind: 'attribute', key: 'tier "$1"', value: 'gold' },
  ],
} as const;
const OPERATIONS = SERVICES.slice(0, 4).flatMap((service) => [
  rate(service, 'GET /cart', 0.07),
  rate(service, 'GET /items/{id}', 0.33),
  rate(service, "SELECT '{value}'", 0.07),
  rate(service, 'a.b*c\\d"$1', 0.5),
  rate(service, 'GET /health', 1),
]);

/** Sets of policies, and which rules they have. */
const SETS: readonly (readonly [string, readonly PolicyVersion[]])[] = [
  ['one policy for all', [version('all', [], { keep: KEEP, operations: OPERATIONS, otherwise: 0.123456789 })]],
  [
    'several policies',
    [
      version('a', ['checkout', '$1 ${env:HOME}'], {
        ...{ keep: KEEP, operations: OPERATIONS, environment: 'production', otherwise: 0.2 },
      }),
      version('b', ['checkout', 'web'], { operations: OPERATIONS.slice(0, 7), otherwise: 0.01 }),
      version('c', [], { environment: 'staging', otherwise: 0.4, keep: { ...KEEP, errors: false, critical: [] } }),
    ],
  ],
];

const hex = (length: number) =>
  fc.array(fc.nat(15), { minLength: length, maxLength: length }).map((d) => d.map((n) => n.toString(16)).join(''));
const oneSpan = fc.record({
  name: fc.constantFrom(...NAMES),
  service: fc.constantFrom(...SERVICES),
  environment: fc.constantFrom(...ENVIRONMENTS),
  environmentKey: fc.constantFrom('deployment.environment.name', 'deployment.environment'),
  code: fc.oneof({ weight: 9, arbitrary: fc.constantFrom(0, 1) }, { weight: 1, arbitrary: fc.constant(2) }),
  start: fc.nat(1000),
  // Around the limit to the nanosecond, and anywhere.
  nanoseconds: fc.oneof(
    { weight: 8, arbitrary: fc.nat(900_000_000) },
    { weight: 1, arbitrary: fc.constantFrom(1_500_000_000, 1_500_999_999, 1_501_000_000, 1_499_999_999) },
  ),
  tier: fc.oneof(
    { weight: 12, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: fc.constantFrom('gold', 'silver', 'Gold') },
  ),
});
const oneTrace = fc.record({
  id: hex(32),
  hasRoot: fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  spans: fc.array(oneSpan, { minLength: 1, maxLength: 4 }),
});
type OneSpan = typeof oneSpan extends fc.Arbitrary<infer T> ? T : never;

const text = (key: string, stringValue: string): KeyValue => ({ key, value: { stringValue } });

function resourceOf(given: OneSpan, span: TraceSpan): ResourceSpans {
  const attributes = [
    ...(given.service === '' ? [] : [text('service.name', given.service)]),
    ...(given.environment === '' ? [] : [text(given.environmentKey, given.environment)]),
  ];
  return { resource: { attributes }, scopeSpans: [{ spans: [span] }] };
}

/** Spans of a trace go into different requests, as those of different services do. */
function requestsOf(traces: readonly (typeof oneTrace extends fc.Arbitrary<infer T> ? T : never)[]): TraceRequest[] {
  const requests: TraceRequest[] = Array.from({ length: REQUESTS }, () => ({ resourceSpans: [] }));
  traces.forEach(({ id, hasRoot, spans }, t) => {
    spans.forEach((given, i) => {
      const start = START + BigInt(given.start) * 1_000n;
      const span: TraceSpan = {
        ...{ traceId: id, spanId: (i + 1).toString(16).padStart(16, '0') },
        parentSpanId: i === 0 && hasRoot ? '' : '00000000000000ff',
        name: given.name,
        startTimeUnixNano: String(start),
        endTimeUnixNano: String(start + BigInt(given.nanoseconds)),
        status: { code: given.code },
        attributes: given.tier === null ? [] : [text('tier "$1"', given.tier)],
      };
      requests[(t + i * 3) % REQUESTS]!.resourceSpans!.push(resourceOf(given, span));
    });
  });
  return requests;
}

function spansIn(requests: readonly TraceRequest[]): TraceSpan[] {
  return requests.flatMap(({ resourceSpans = [] }) =>
    resourceSpans.flatMap(({ scopeSpans = [] }) => scopeSpans.flatMap(({ spans = [] }) => spans)),
  );
}

async function post(collector: Collector, request: TraceRequest): Promise<void> {
  const answer = await fetch(`${collector.endpoint}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  expect(answer.status).toBe(200);
}

function base(folder: Folder, processors: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(processors);
  return {
    receivers: { otlp: { protocols: { http: {}, grpc: {} } } },
    processors,
    exporters: { file: { path: join(folder.path, 'spans.jsonl'), flush_interval: '50ms' } },
    service: { pipelines: { traces: { receivers: ['otlp'], processors: names, exporters: ['file'] } } },
  };
}

const readSpans = (folder: Folder): TraceSpan[] =>
  spansIn(
    folder
      .read('spans.jsonl')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as TraceRequest),
  );

describe.each(SETS)('%s', (name, policies) => {
  describeWith(`tail sampling, simulated and in a real collector: ${name}`, MISSING_COLLECTOR, () => {
    const folder = new Folder();
    let collector: Collector;

    beforeAll(async () => {
      const placeholder = { 'tail_sampling/spanwarden': { decision_wait: '4s', num_traces: 2 * TRACES, policies: [] } };
      const served = folder.write('policies.yaml', toYaml(renderOtelCollector(policies).document));
      collector = await startCollector([folder.write('base.yaml', base(folder, placeholder)), served]);
    }, 60_000);

    afterAll(async () => {
      await collector?.stop();
      folder.remove();
    });

    test(`keep and drop the same of ${TRACES} traces`, async () => {
      const traces = fc.sample(oneTrace, { numRuns: TRACES, seed: 8 });
      const requests = requestsOf(traces);
      for (const request of requests) await post(collector, request);
      // Traces are decided in the order of their seconds, so when this one is, all are.
      await sleep(1500);
      const last = { ...traces[0]!.spans[0]!, service: 'sentinel', environment: '' };
      const sentinel: TraceSpan = {
        traceId: SENTINEL,
        spanId: '1'.repeat(16),
        name: 'GET /health',
        status: { code: 2 },
      };
      await post(collector, { resourceSpans: [resourceOf(last, sentinel)] });
      const got = await eventually(
        async () => readSpans(folder),
        (spans) => spans.some(({ traceId }) => traceId === SENTINEL),
      );

      const all = { resourceSpans: requests.flatMap(({ resourceSpans = [] }) => resourceSpans) };
      const decisions = new TraceSampler(policies, simulationTools()).run(all);
      expect(decisions).toHaveLength(new Set(traces.map(({ id }) => id)).size);
      const expected = decisions.filter(({ isKept }) => isKept);
      const counts = new Map<string, number>();
      for (const { traceId = '' } of got) counts.set(traceId, (counts.get(traceId) ?? 0) + 1);
      counts.delete(SENTINEL);
      const differing = decisions.filter(
        ({ traceId, isKept, spans }) => (counts.get(traceId) ?? 0) !== (isKept ? spans : 0),
      );
      expect(differing.slice(0, 5)).toEqual([]);
      expect([...counts.keys()].sort()).toEqual(expected.map(({ traceId }) => traceId).sort());
      // Each way of keeping and of dropping is among them.
      expect(expected.length).toBeGreaterThan(TRACES / 10);
      expect(decisions.length - expected.length).toBeGreaterThan(TRACES / 10);
      expect(new Set(expected.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(6);
    }, 120_000);
  });
});

describeWith('probabilistic sampling, simulated and in a real collector', MISSING_COLLECTOR, () => {
  const folder = new Folder();
  const PROBABILITIES = [0.25, 0.1, 0.003, 1];

  afterAll(() => folder.remove());

  const states = fc.constantFrom(
    '',
    'a=b',
    'ot=th:8',
    'ot=th:c',
    'ot=th:fd70a4',
    'x=1,ot=th:8;rv:fffffffffffff0',
    'ot=rv:80000000000000',
    'ot=rv:00000000000001;th:8',
    'ot=th:0',
  );
  const priority = fc.oneof(
    { weight: 15, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.constantFrom<KeyValue['value']>(
        { intValue: '0' },
        { intValue: '1' },
        { intValue: '-1' },
        { doubleValue: 0.5 },
        { stringValue: '0' },
        { stringValue: '2' },
        { stringValue: '' },
        { stringValue: 'high' },
        { boolValue: true },
      ),
    },
  );

  test.each(PROBABILITIES)(
    'of %d keeps the same spans, and writes the threshold',
    async (probability) => {
      const policy = version('share', [], { stage: 'collector', otherwise: probability });
      const yaml = toYaml(renderOtelCollector([policy]).document);
      const here = new Folder();
      const placeholder = { 'probabilistic_sampler/spanwarden': { sampling_percentage: 100 } };
      const collector = await startCollector([
        here.write('base.yaml', base(here, placeholder)),
        here.write('policies.yaml', yaml),
      ]);
      try {
        const given = fc.sample(fc.record({ id: hex(32), state: states, priority }), { numRuns: TRACES, seed: 9 });
        const spans = given.map(
          ({ id, state, priority: value }, i): TraceSpan => ({
            ...{ traceId: id, spanId: (i + 1).toString(16).padStart(16, '0'), name: 'n', traceState: state },
            attributes: value === null ? [] : [{ key: 'sampling.priority', value: value! }],
          }),
        );
        const kept = spans.filter((span) => keepsSpan(probability * 100, span));
        await post(collector, { resourceSpans: [{ scopeSpans: [{ spans }] }] });
        const got = await eventually(
          async () => readSpans(here),
          (found) => found.length >= kept.length,
        );
        expect(got.map(({ spanId }) => spanId).sort()).toEqual(kept.map(({ spanId }) => spanId).sort());
        if (probability === 0.25) {
          expect(got.filter(({ traceState = '' }) => /ot=[^,]*th:/.test(traceState)).length).toBeGreaterThan(500);
        }
      } finally {
        await collector.stop();
        here.remove();
      }
    },
    60_000,
  );

  test('whatever names, keys and services hold, what is rendered is one that a collector takes', () => {
    const any = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
    const one = fc.record({ service: any, operation: any, key: any, value: any, environment: any });
    const policies = fc.sample(one, { numRuns: 60, seed: 10 }).map((given, i) =>
      version(`${i}`, [given.service], {
        ...{ environment: given.environment, otherwise: 0.5, operations: [rate(given.service, given.operation, 0.1)] },
        keep: { ...KEEP, critical: [{ kind: 'attribute', key: given.key, value: given.value }] },
      }),
    );
    const placeholder = { 'tail_sampling/spanwarden': { policies: [] } };
    const file = folder.write('generated.yaml', toYaml(renderOtelCollector(policies).document));
    expect(validate([folder.write('base.yaml', base(folder, placeholder)), file])).toBe('');
  }, 60_000);
});
