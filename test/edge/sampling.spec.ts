import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SamplingPolicy, SamplingProposal, SamplingRates } from '../../src/edge/serve/contract.js';
import { encodeRequest, type TestSpan } from '../support/otlp.js';
import { askGrpc, withoutNulls } from '../support/remote-sampling.js';
import { eventually, type Service, startService } from '../support/service.js';

const HOUR = 3_600_000;
const BEGIN = Math.floor((Date.now() - 3 * HOUR) / HOUR) * HOUR;

/** Traces of two spans each: how many of an operation, with errors, and that last long. */
const TRAFFIC = [
  { operation: 'GET /items/{id}', name: (i: number) => `GET /items/${i + 1000}`, traces: 2_000, errors: 20, slow: 10 },
  { operation: 'GET /cart', name: () => 'GET /cart', traces: 600, errors: 0, slow: 0 },
  { operation: 'POST /pay', name: () => 'POST /pay', traces: 50, errors: 5, slow: 0 },
  { operation: 'GET /rare', name: () => 'GET /rare', traces: 5, errors: 0, slow: 0 },
] as const;
const TRACES = TRAFFIC.reduce((sum, { traces }) => sum + traces, 0);

let service: Service;
let trace = 0;

function spansOf(name: string, isError: boolean, isSlow: boolean, i: number): TestSpan[] {
  const traceId = (++trace).toString(16).padStart(32, '0');
  const start = BEGIN + i;
  const took = isSlow ? 5_000 : 20;
  const root = '00000000000000aa';
  return [
    { traceId, spanId: root, name, start, took, ...(isError && { status: { code: 2 } }) },
    { traceId, spanId: '00000000000000bb', parentSpanId: root, name: 'SELECT items', kind: 3, start, took: 5 },
  ];
}

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_TRACE_IDLE_SECONDS: '1' } });
  const spans = TRAFFIC.flatMap(({ name, traces, errors, slow }) =>
    Array.from({ length: traces }, (_, i) => spansOf(name(i), i < errors, i >= traces - slow, i)).flat(),
  );
  const attributes = { 'service.name': 'shop', 'deployment.environment.name': 'production' };
  for (let i = 0; i < spans.length; i += 1_000) {
    await service.send(encodeRequest([{ resource: attributes, spans: spans.slice(i, i + 1_000) }]));
  }
  await eventually(
    () => propose({ kind: 'spans_per_second', amount: 1 }),
    ({ body }) => body.offered?.traces === TRACES,
  );
});

afterAll(() => service?.stop());

const json = (body: object, method = 'POST'): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

function propose(budget: object, more: object = {}) {
  return service.api<SamplingProposal>('/api/v1/sampling/proposals', json({ budget, ...more }));
}

describe('proposals', () => {
  test('keep a budget of spans, and all errors, slow traces and rare operations', async () => {
    const amount = TRACES / (3 * 3600);
    const { status, body } = await propose({ kind: 'spans_per_second', amount }, { keep: { slow_percentile: 99.5 } });
    expect([status, body.verdict]).toEqual([200, 'proposed']);
    expect(body.offered).toMatchObject({ traces: TRACES, spans: 2 * TRACES });
    expect(body.per_second!.spans_after).toBeLessThanOrEqual(amount);
    expect(body.per_second!.spans_after).toBeGreaterThan(0.8 * amount);
    const classOf = (name: string) => body.classes.find((one) => one.class === name)!;
    expect(classOf('error')).toMatchObject({ offered: { traces: 25 }, kept: { traces: 25 }, dropped: { spans: 0 } });
    expect(classOf('slow').kept.traces).toBe(classOf('slow').offered.traces);
    expect(classOf('slow').offered.traces).toBe(10);
    expect(classOf('rare').offered.traces).toBeGreaterThanOrEqual(5);
    expect(classOf('ordinary').dropped.traces).toBeGreaterThan(0);
    const all = body.classes.reduce((sum, one) => sum + one.offered.traces, 0);
    expect(all).toBe(TRACES);
    expect(body.policy!.action.keep).toMatchObject({ errors: true, slowerThanMs: expect.any(Number) });
    const rateOf = (name: string) => body.operations.find(({ operation }) => operation === name)!;
    expect(rateOf('GET /items/{id}').probability).toBeLessThan(rateOf('GET /cart').probability);
    expect(rateOf('GET /rare')).toMatchObject({ probability: 1, evidence: 'insufficient', seen: 5 });
    expect(body.targets.map(({ target }) => target)).toContain('refinery');
  });

  test('of money say what is saved, with its interval', async () => {
    const price = { kind: 'money_per_month', amount: 1e-9, priceModel: 'grafana-cloud-traces' };
    const { body } = await propose(price, { floor: 0.2 });
    expect(body.verdict).toBe('floor_is_too_much');
    const { value, interval, currency } = body.saving!.money_per_month!;
    expect(currency).toBe('USD');
    expect(interval.low).toBeLessThanOrEqual(value);
    expect(interval.high).toBeGreaterThanOrEqual(value);
    expect(body.cost!.after).toBeLessThanOrEqual(body.cost!.before);
  });

  test('of bytes by the day keep them, and those within a budget drop nothing', async () => {
    const before = await propose({ kind: 'gigabytes_per_day', amount: 1 });
    expect(before.body).toMatchObject({
      verdict: 'nothing_to_drop',
      policy: { action: { otherwise: 1, operations: [] } },
    });
    const bytes = before.body.per_second!.bytes_before;
    const amount = (bytes * 86_400) / 1e9 / 2;
    const { body } = await propose({ kind: 'gigabytes_per_day', amount });
    expect(body.per_second!.bytes_after).toBeLessThanOrEqual(bytes / 2);
    expect(body.per_second!.bytes_after).toBeGreaterThan(bytes * 0.35);
  });

  test('for one percentage, of a collector that knows trace ids alone', async () => {
    const amount = TRACES / (3 * 3600);
    const { body } = await propose({ kind: 'spans_per_second', amount }, { stage: 'collector' });
    expect(body.policy!.action).toMatchObject({ operations: [], keep: { errors: false, slowerThanMs: null } });
    expect(body.policy!.action.otherwise).toBeLessThan(0.7);
    expect(body.per_second!.spans_after).toBeLessThanOrEqual(amount);
  });

  test('without traffic there is not enough evidence', async () => {
    const { status, body } = await propose({ kind: 'spans_per_second', amount: 1 }, { services: ['nobody'] });
    expect([status, body.verdict, body.policy]).toEqual([200, 'insufficient_evidence', null]);
    expect(body.reason).toMatch(/0 traces .* at least 200/);
  });

  test('say all at once what a stage cannot know', async () => {
    const { status, body } = await service.api<{ errors: { where: string }[] }>(
      '/api/v1/sampling/proposals',
      json({
        stage: 'sdk',
        environment: 'production',
        keep: { errors: true, slow_percentile: 99, critical: [{ kind: 'attribute', key: 'tier', value: 'gold' }] },
        budget: { kind: 'money_per_month', amount: 1, priceModel: 'nowhere' },
      }),
    );
    expect(status).toBe(400);
    expect(body.errors.map(({ where }) => where)).toEqual([
      ...['body.keep.errors', 'body.keep', 'body.keep.critical', 'body.environment', 'body.budget.priceModel'],
    ]);
  });
});

async function approve(body: object): Promise<SamplingPolicy> {
  const made = await service.api<SamplingPolicy>('/api/v1/sampling/policies', json(body));
  expect(made.status).toBe(201);
  // Who wrote it approves it here, too.
  await service.api('/api/v1/policy-sets/default', json({ two_persons: false }, 'PUT'));
  const path = `/api/v1/policies/${made.body.id}/approve`;
  const { status } = await service.api(path, { method: 'POST', headers: { 'if-match': made.body.etag } });
  expect(status).toBe(200);
  return made.body;
}

const SDK = {
  stage: 'sdk',
  otherwise: 0.5,
  operations: [{ service: 'shop', operation: 'GET /cart', probability: 0.25 }],
};
const BASIC = (token: string): HeadersInit => ({ authorization: `Basic ${btoa(`collector:${token}`)}` });

describe('policies on sampling', () => {
  test('wait for approval, are offered once, and are versions by their name', async () => {
    const body = { name: 'versions', services: ['other'], action: { stage: 'tail', otherwise: 0.5 } };
    const first = await service.api<SamplingPolicy>('/api/v1/sampling/policies', json(body));
    const again = await service.api<SamplingPolicy>('/api/v1/sampling/policies', json(body));
    expect([first.status, again.status, again.body.id]).toEqual([201, 200, first.body.id]);
    expect(first.body).toMatchObject({
      state: 'draft',
      version: 1,
      title: 'Sample traces of other of complete traces',
    });
    const rates = await service.api<SamplingRates>(`/api/v1/sampling/policies/${first.body.id}`);
    expect(rates.body).toMatchObject({ otherwise: 0.5, since: null, outcome: null, adaptive: false });
    expect((await service.api(`/api/v1/sampling/policies/${first.body.id}/changes`)).body).toEqual({
      ...{ data: [], next_cursor: null },
    });
    // The suggestions of the job leave them alone.
    const { body: page } = await service.api<{ data: { id: string }[] }>('/api/v1/policies?state=draft');
    expect(page.data.map(({ id }) => id)).toContain(first.body.id);
  });

  test('with values in their names are refused, and so are those that contradict themselves', async () => {
    const { status, text, body } = await service.api<{ errors: { where: string }[] }>(
      '/api/v1/sampling/policies',
      json({
        services: ['jane.doe@shop.example'],
        action: {
          ...{ stage: 'tail', otherwise: 0.001, floor: 0.01, adaptive: true },
          operations: [1, 2].map(() => ({ service: 'shop', operation: 'GET /', probability: 0.5 })),
        },
      }),
    );
    expect(status).toBe(400);
    expect(text).not.toContain('jane.doe');
    expect(body.errors.map(({ where }) => where)).toEqual([
      ...['body.action.otherwise', 'body.action.operations.1', 'body.action.budget', 'body.services.0'],
    ]);
  });
});

describe('remote sampling', () => {
  const http = (query: string, init: RequestInit = {}) =>
    fetch(`${service.endpoints.samplingHttp}/sampling${query}`, init);

  test('keeps everything that nobody decided on', async () => {
    const response = await http('?service=shop');
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await response.json()).toEqual({
      ...{ strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: 1 } },
    });
  });

  test('answers what is approved, over HTTP, gRPC and as a file, and nothing else', async () => {
    await service.api(
      '/api/v1/sampling/policies',
      json({ name: 'unapproved', services: ['cart'], action: { ...SDK, otherwise: 0.1 } }),
    );
    await approve({ name: 'shop', services: ['shop'], action: SDK });
    const answer = await eventually(
      () => http('?service=shop').then((response) => response.json() as Promise<Record<string, unknown>>),
      (body) => 'operationSampling' in body,
    );
    const operations = [{ operation: 'GET /cart', probabilisticSampling: { samplingRate: 0.25 } }];
    expect(answer).toEqual({
      ...{ strategyType: 'PROBABILISTIC', probabilisticSampling: { samplingRate: 0.5 } },
      operationSampling: {
        ...{
          defaultSamplingProbability: 0.5,
          defaultLowerBoundTracesPerSecond: 0,
          defaultUpperBoundTracesPerSecond: 0,
        },
        perOperationStrategies: operations,
      },
    });
    expect(withoutNulls(await askGrpc(service.endpoints.samplingGrpc!, 'shop'))).toEqual(answer);
    expect(withoutNulls(await askGrpc(service.endpoints.samplingGrpc!, 'cart'))).toMatchObject({
      probabilisticSampling: { samplingRate: 1 },
    });
    const { body: file } = await service.api('/api/v1/policy-sets/default/sampling-strategies.json');
    expect(file).toEqual({
      service_strategies: [
        {
          ...{ service: 'shop', type: 'probabilistic', param: 0.5 },
          operation_strategies: [{ operation: 'GET /cart', type: 'probabilistic', param: 0.25 }],
        },
      ],
      default_strategy: { type: 'probabilistic', param: 1 },
    });
  });

  test('has a strong ETag, which stays until a policy changes', async () => {
    const path = '/api/v1/policy-sets/default/sampling-strategies.json';
    const first = await service.api(path);
    const etag = first.headers.get('etag')!;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    const headers = { 'if-none-match': etag };
    expect((await service.api(path, { headers })).status).toBe(304);
    expect((await http('?service=shop', { headers })).status).toBe(304);
    await approve({ name: 'shop', services: ['shop'], action: { ...SDK, otherwise: 0.4 } });
    const next = await eventually(
      () => service.api(path, { headers }),
      ({ status }) => status === 200,
    );
    expect(next.headers.get('etag')).not.toBe(etag);
    expect(next.text).toContain('"param":0.4');
  });

  test('wants exactly one service, and a token for the file', async () => {
    const codes = await Promise.all(
      ['', '?service=', '?service=a&service=b', '?service=a'].map((query) => http(query).then(({ status }) => status)),
    );
    expect(codes).toEqual([400, 400, 400, 200]);
    expect((await fetch(`${service.endpoints.samplingHttp}/`)).status).toBe(404);
    const path = `${service.endpoints.http}/api/v1/policy-sets/default/sampling-strategies.json`;
    const { readFileSync } = await import('node:fs');
    const token = readFileSync(`${service.home}/collector-token`, 'utf8').trim();
    const asked = await Promise.all(
      [{}, { authorization: 'Bearer nobody-knows' }, BASIC(token)].map((headers) => fetch(path, { headers })),
    );
    expect(asked.map(({ status }) => status)).toEqual([401, 401, 200]);
    expect((await service.api('/api/v1/policy-sets/other/sampling-strategies.json')).status).toBe(404);
  });

  test('over gRPC takes broken messages for what they are', async () => {
    const broken = Buffer.from([0x0a, 0x20, 0x61]);
    await expect(askGrpc(service.endpoints.samplingGrpc!, broken)).rejects.toMatchObject({ code: 3 });
  });
});
