import { expect, test } from '@jest/globals';
import {
  suggestFromUsage,
  type UsageFacts,
  type UsedAttribute,
  type UsedSpanName,
} from '../../src/engine/policy/suggest-usage.js';

const attribute = (over: Partial<UsedAttribute>): UsedAttribute => ({
  ...{ service: 'web', location: 'span', key: 'note', observations: 1000, bytes: 50_000, distinct: 10 },
  ...{ shareOfBytes: 0.05, advice: [], ...over },
});
const name = (over: Partial<UsedSpanName>): UsedSpanName => ({
  ...{ service: 'web', name: 'GET /health', spans: 5000, share: 0.2, ...over },
});
const factsOf = (attributes: readonly UsedAttribute[], names: readonly UsedSpanName[] = []): UsageFacts => ({
  ...{ attributes, names, truncateTo: 128 },
  successorOf: (key) => (key === 'http.method' ? 'http.request.method' : undefined),
  findingsOf: (service, _, key) => (key === 'http.method' ? [`finding of ${service}`] : []),
});
const long = { action: 'truncate', savedBytes: 20_000 } as const;
const drop = { action: 'drop', savedBytes: 50_000 } as const;

test('what is deprecated and sent beside its successor is deleted, and its findings answered', () => {
  const twins = ['b', 'a'].flatMap((service) => [
    attribute({ service, key: 'http.method' }),
    attribute({ service, key: 'http.request.method' }),
  ]);
  const alone = attribute({ service: 'c', key: 'http.method' });
  const rare = [
    attribute({ service: 'd', key: 'http.method' }),
    attribute({ service: 'd', key: 'http.request.method', observations: 900 }),
  ];
  const elsewhere = [
    attribute({ service: 'e', key: 'http.method' }),
    attribute({ service: 'e', key: 'http.request.method', location: 'event' }),
  ];
  expect(suggestFromUsage(factsOf([...twins, alone, ...rare, ...elsewhere]))).toEqual([
    {
      ...{ cause: 'twin span http.method', title: 'Delete http.method, sent beside http.request.method' },
      reason: 'http.request.method replaced http.method and is sent as well, so the same is stored twice.',
      ...{ location: 'span', key: 'http.method', services: ['a', 'b'], action: { kind: 'delete' } },
      findings: ['finding of a', 'finding of b'],
      evidence: [
        { measure: 'occurrences', value: 2000 },
        { measure: 'bytes', value: 100_000 },
        { measure: 'distinct_values', value: 20 },
        { measure: 'bytes_saved', value: 100_000 },
      ],
    },
  ]);
});

test.each<[string, Partial<UsedAttribute>, string | null]>([
  ['long values are cut', { advice: [long] }, 'Cut note to 128 characters'],
  ['but not where that saves next to nothing', { advice: [{ ...long, savedBytes: 400 }], shareOfBytes: 0.02 }, null],
  ['nor in an attribute that costs next to nothing', { advice: [long], shareOfBytes: 0.001 }, null],
  ['what the resource says too is deleted', { advice: [drop], distinct: 1 }, 'Delete note of spans'],
  ['what has other values is not', { advice: [drop], distinct: 2 }, null],
  ['places in the code are deleted', { key: 'code.function.name' }, 'Delete code.function.name'],
  ['and so are threads', { key: 'thread.id', location: 'event' }, 'Delete thread.id'],
  ['and what is for debugging by its name', { key: 'app.debug.dump' }, 'Delete app.debug.dump'],
  ['but no word that has it in the middle', { key: 'app.debugger' }, null],
  ['nor what is small', { key: 'code.function.name', shareOfBytes: 0.009 }, null],
  ['nor an attribute of resources', { key: 'code.function.name', location: 'resource' }, null],
  ['nor a key that was stored masked', { key: 'code.{email}.debug' }, null],
])('%s', (_, over, title) => {
  expect(suggestFromUsage(factsOf([attribute(over)])).map((policy) => policy.title)).toEqual(title ? [title] : []);
});

test.each<[string, Partial<UsedSpanName>, boolean]>([
  ...[
    'GET /health',
    'GET /healthz',
    '/livez',
    'HEAD /api/v1/ready',
    'GET /actuator/health/liveness',
    'GET /-/healthy',
  ].map((one): [string, Partial<UsedSpanName>, boolean] => [one, { name: one }, true]),
  ['grpc.health.v1.Health/Check', { name: 'grpc.health.v1.Health/Check' }, true],
  ...['GET /health-records', 'GET /orders/ready', 'POST /health', 'health of patients', 'GET /ping/{id}'].map(
    (one): [string, Partial<UsedSpanName>, boolean] => [one, { name: one }, false],
  ),
  ['few spans', { spans: 99 }, false],
  ['a small share', { share: 0.001 }, false],
])('health checks: %s', (_, over, isMeant) => {
  const made = suggestFromUsage(factsOf([], [name(over), name({ ...over, service: 'api' })]));
  if (!isMeant) expect(made).toEqual([]);
  else {
    expect(made).toMatchObject([
      {
        ...{ location: 'span_name', key: 'span.name', services: ['api', 'web'] },
        action: { kind: 'drop', match: over.name, keepErrors: true },
        evidence: [{ measure: 'spans', value: 10_000 }],
      },
    ]);
  }
});

test('what another suggestion is about has no second one', () => {
  const rows = [attribute({ advice: [long] }), attribute({ advice: [long], service: 'api' })];
  const made = suggestFromUsage(factsOf(rows), (service) => service === 'web');
  expect(made.map(({ services }) => services)).toEqual([['api']]);
});

test('the order of what was counted does not matter', () => {
  const rows = [
    attribute({ advice: [long] }),
    attribute({ key: 'code.lineno' }),
    attribute({ key: 'code.lineno', service: 'api' }),
    attribute({ key: 'http.method' }),
    attribute({ key: 'http.request.method' }),
  ];
  const names = [name({}), name({ service: 'a' }), name({ name: 'GET /livez' })];
  const made = suggestFromUsage(factsOf(rows, names));
  expect(made).toHaveLength(5);
  expect(suggestFromUsage(factsOf([...rows].reverse(), [...names].reverse()))).toEqual(made);
});
