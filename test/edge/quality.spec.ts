import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { encodeRequest, type TestResource, type TestSpan } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';

interface Indicator {
  readonly group: string;
  readonly indicator: string;
  readonly verdict: string;
  readonly value: number | null;
  readonly n: number;
  readonly reason: string;
}
interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}
type Row = Readonly<Record<string, unknown>>;

const HOUR = 3_600_000;
const TRACES = 40;
const IDLE = { SPANWARDEN_TRACE_IDLE_SECONDS: '1' };
const GOOD = {
  ...{ 'service.version': '1', 'deployment.environment.name': 'prod', 'service.instance.id': 'i' },
  'telemetry.sdk.version': '2',
};

let last = 0;
const id = (bytes: number): string => (++last).toString(16).padStart(2 * bytes, '0');

/** A request to the shop: web calls orders, whose context is lost when `broken`. */
function requestSpans(broken: boolean): { web: TestSpan[]; orders: TestSpan[] } {
  const start = Date.now() - 500;
  const traceId = id(16);
  const [root, call, work] = [id(8), id(8), id(8)];
  const peer = { 'server.address': 'orders.test', 'server.port': 8080 };
  const web: TestSpan[] = [
    { traceId, spanId: root, name: 'GET /basket', kind: 2, start, took: 100 },
    { traceId, spanId: call, parentSpanId: root, name: 'GET', kind: 3, start: start + 1, took: 60, attributes: peer },
    {
      traceId,
      spanId: work,
      parentSpanId: broken ? id(8) : root,
      name: 'render',
      kind: 1,
      start: start + 70,
      took: 20,
    },
  ];
  const here = broken ? { traceId: id(16) } : { traceId, parentSpanId: call };
  const failing = { attributes: { ...peer, 'http.response.status_code': 503 }, status: { code: 2 } };
  const orders: TestSpan[] = [
    {
      ...here,
      spanId: id(8),
      name: 'GET /orders/{id}',
      kind: 2,
      start: start + 5,
      took: 40,
      ...(broken ? failing : { attributes: peer }),
    },
  ];
  return { web, orders };
}

function shop(broken: number): Uint8Array {
  const all = Array.from({ length: TRACES }, (_, i) => requestSpans(i < broken));
  const library = { name: 'old-http-client', version: '0.9' };
  const resources: TestResource[] = [
    {
      resource: { 'service.name': 'web', team: 'front', ...GOOD },
      scope: library,
      spans: all.flatMap(({ web }) => web),
    },
    {
      resource: { 'service.name': 'orders', 'deployment.environment.name': 'prod' },
      spans: all.flatMap(({ orders }) => orders),
    },
  ];
  return encodeRequest(resources);
}

async function indicators(service: Service, query = ''): Promise<Map<string, Indicator>> {
  const { body } = await service.api<Page<Indicator>>(`/api/v1/quality?limit=200${query}`);
  return new Map(body.data.map((row) => [`${row.group}/${row.indicator}`, row]));
}

/** Waits until so many traces have ended. */
async function ended(service: Service, traces: number): Promise<Map<string, Indicator>> {
  return eventually(
    () => indicators(service, '&group_by=service'),
    (found) => (found.get('web/orphan_traces')?.n ?? 0) >= traces,
  );
}

describe('planted faults', () => {
  let service: Service;
  let found: Map<string, Indicator>;
  /** The hour of the spans. */
  let hour: string;

  beforeAll(async () => {
    service = await startService({ env: IDLE });
    hour = new Date(Math.floor((Date.now() - 450) / HOUR) * HOUR).toISOString();
    const body = shop(10);
    expect((await service.send(body)).status).toBe(200);
    expect((await service.send(body)).status).toBe(200);
    found = await ended(service, TRACES);
  });

  afterAll(() => service?.stop());

  test('are told by their indicators, and a request that was sent again counts once', () => {
    const web = (name: string) => found.get(`web/${name}`)!;
    const orders = (name: string) => found.get(`orders/${name}`)!;
    expect(web('orphan_traces')).toMatchObject({ verdict: 'fail', value: 0.25, n: TRACES });
    expect(web('broken_propagation')).toMatchObject({ verdict: 'fail', value: 0.25, n: TRACES });
    expect(orders('orphan_traces')).toMatchObject({ verdict: 'pass', value: 0 });
    expect(web('rootless_traces')).toMatchObject({ verdict: 'pass', value: 0 });
    expect(web('retried_spans')).toMatchObject({ verdict: 'pass', value: 0 });
    expect(orders('missing_service_version')).toMatchObject({ verdict: 'fail', value: 1 });
    expect(web('missing_service_version')).toMatchObject({ verdict: 'pass', value: 0 });
    expect(orders('errors_without_type')).toMatchObject({ verdict: 'insufficient_evidence', value: 1, n: 10 });
    expect(orders('http_errors_without_status')).toMatchObject({ value: 0, n: 10 });
    expect(web('error_traces')).toMatchObject({ value: 0, n: TRACES });
    expect(orders('error_traces')).toMatchObject({ value: 1, n: 10 });
    expect(web('trace_coverage')).toMatchObject({ verdict: 'insufficient_evidence' });
  });

  test('by team, by environment and in total; filtered by verdict and indicator', async () => {
    const teams = await indicators(service, '&group_by=team&indicator=broken_propagation');
    expect([...teams.keys()]).toEqual(['front/broken_propagation', 'unowned/broken_propagation']);
    const total = await indicators(service, '&verdict=fail');
    expect(total.get('/broken_propagation')).toMatchObject({ value: 0.25, n: TRACES });
    expect([...total.values()].every(({ verdict }) => verdict === 'fail')).toBe(true);
    const environments = await indicators(service, '&group_by=environment');
    expect(environments.get('prod/orphan_traces')).toMatchObject({ verdict: 'fail' });
    const front = await indicators(service, '&team=front&group_by=service');
    expect(new Set([...front.values()].map(({ group }) => group))).toEqual(new Set(['web']));
    const none = await indicators(service, '&environment=test');
    expect(none.size).toBe(0);
  });

  test('the library to blame for lost contexts is named', async () => {
    const { body } = await service.api<Page<Row>>('/api/v1/quality/propagation');
    expect(body.data).toEqual([
      {
        ...{ service: 'web', environment: 'prod', peer: 'orders', library: 'old-http-client', version: '0.9' },
        ...{ calls: TRACES, broken: 10, unanswered: 0, unknown: 0 },
      },
    ]);
  });

  test('operations have their percentiles', async () => {
    const { body } = await service.api<Page<Row & { p95: { value: number } }>>(
      '/api/v1/quality/operations?service=web',
    );
    const root = body.data.find(({ operation }) => operation === 'GET /basket')!;
    expect(root).toMatchObject({ kind: 'server', spans: TRACES, errors: 0, roots: TRACES });
    expect(root.p95.value).toBeGreaterThan(98);
    expect(root.p95.value).toBeLessThan(102);
    expect(body.data).toHaveLength(3);
  });

  test('scores: rules of the specification, and our own beside it', async () => {
    const { body } = await service.api<Page<Row>>('/api/v1/scores');
    expect(body.data.map((row) => row.service)).toEqual(['orders', 'web']);
    const [orders, web] = body.data as unknown as {
      instrumentation: { score: number; complete: boolean; rules: { id: string; verdict: string }[] };
      governance: { score: number; parts: { name: string; score: number }[] };
    }[];
    const verdicts = (of: typeof web) => Object.fromEntries(of!.instrumentation.rules.map((r) => [r.id, r.verdict]));
    expect(verdicts(web)).toMatchObject({
      'RES-001': 'pass',
      'RES-005': 'pass',
      'SPA-002': 'fail',
      'SPA-003': 'insufficient_evidence',
    });
    expect(verdicts(orders)).toMatchObject({ 'RES-001': 'fail', 'SPA-002': 'pass', 'RES-004': 'pass' });
    expect(web!.instrumentation.complete).toBe(false);
    expect(web!.instrumentation.score).toBeCloseTo(
      (100 * (20 + 40 + 20 + 30 + 30 + 30)) / (20 + 40 + 20 + 30 + 30 + 30 + 20),
    );
    expect(web!.governance.parts.find(({ name }) => name === 'ownership')!.score).toBe(100);
    expect(orders!.governance.parts.find(({ name }) => name === 'ownership')!.score).toBe(0);
  });

  test('lists are paged, and exports have all of it', async () => {
    const first = await service.api<Page<Indicator>>('/api/v1/quality?limit=7');
    expect(first.body.data).toHaveLength(7);
    const seen = [...first.body.data];
    for (let next = first.body.next_cursor; next !== null; ) {
      const { body } = await service.api<Page<Indicator>>(`/api/v1/quality?limit=7&cursor=${next}`);
      seen.push(...body.data);
      next = body.next_cursor;
    }
    const whole = await indicators(service);
    expect(seen.map(({ indicator }) => indicator)).toEqual([...whole.values()].map(({ indicator }) => indicator));
    const csv = await service.api<string>('/api/v1/quality/indicators.csv');
    expect(csv.headers.get('content-type')).toContain('text/csv');
    expect(csv.text.trim().split('\r\n')).toHaveLength(1 + whole.size);
    for (const path of ['quality/operations.csv', 'quality/propagation.csv', 'scores.csv']) {
      const { status, text } = await service.api<string>(`/api/v1/${path}`);
      expect([path, status]).toEqual([path, 200]);
      expect(text).toContain('web');
    }
    const scores = await service.api<Page<Row>>('/api/v1/scores?limit=1');
    expect(scores.body.data).toHaveLength(1);
    const next = await service.api<Page<Row>>(`/api/v1/scores?limit=1&cursor=${scores.body.next_cursor}`);
    expect(next.body).toMatchObject({ data: [{ service: 'web' }], next_cursor: null });
  });

  test('request totals make coverage; bad ones are refused with all their problems, and without their values', async () => {
    const put = (data: readonly unknown[]) =>
      service.api<{ errors: { where: string }[] }>('/api/v1/quality/request-totals', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ data }),
      });
    const bad = await put([
      { service: 'web', hour: new Date().toISOString(), requests: 1 },
      { service: 'ann.quill@shop.test', hour, requests: 1 },
    ]);
    expect(bad.status).toBe(400);
    expect(bad.body.errors.map(({ where }) => where)).toEqual(['body.data.0.hour', 'body.data.1']);
    expect(bad.text).not.toContain('quill');
    expect((await put([{ service: 'web', hour, requests: 80 }])).status).toBe(204);
    expect(
      (
        await put([
          { service: 'web', hour, requests: 42 },
          { service: 'legacy', hour, requests: 38 },
        ])
      ).status,
    ).toBe(204);
    const web = await indicators(service, '&group_by=service&indicator=trace_coverage');
    const total = await indicators(service, '&indicator=trace_coverage');
    expect(web.get('web/trace_coverage')).toMatchObject({ verdict: 'pass', n: 42 });
    expect(total.get('/trace_coverage')).toMatchObject({ verdict: 'fail', value: 0.5, n: 80 });
    const totals = await service.api<Page<Row>>('/api/v1/quality/request-totals');
    expect(totals.body.data).toMatchObject([
      { service: 'legacy', requests: 38, source: 'api' },
      { service: 'web', requests: 42 },
    ]);
  });

  test('the field guide is answered entry by entry', async () => {
    const { body } = await service.api<{ data: { id: string; indicators: string[] }[] }>('/api/v1/quality/field-guide');
    expect(body.data.map(({ id: entry }) => entry)).toHaveLength(16);
    expect(body.data.find(({ id: entry }) => entry === 'M5')!.indicators).toContain('orphan_traces');
  });
});

describe('processes', () => {
  test('traces that are open when the process ends are written, and do not count as whole', async () => {
    const first = await startService({ env: { SPANWARDEN_TRACE_IDLE_SECONDS: '600' } });
    await first.send(shop(10));
    await first.stop({ remove: false });
    const second = await startService({ env: IDLE, home: first.home });
    try {
      const found = await indicators(second, '&group_by=service');
      expect(found.get('web/orphan_traces')).toMatchObject({ verdict: 'insufficient_evidence', value: 0, n: TRACES });
      expect(found.get('web/ingest_lag_p95')).toMatchObject({ n: 3 * TRACES });
      await second.send(shop(10));
      const after = await ended(second, 2 * TRACES);
      expect(after.get('web/orphan_traces')!.verdict).toBe('fail');
    } finally {
      await second.stop();
    }
  });

  test('the configuration says that traces are not whole', async () => {
    const service = await startService({ env: { ...IDLE, SPANWARDEN_TRACES: 'partial' } });
    try {
      await service.send(shop(10));
      const found = await eventually(
        () => indicators(service, '&group_by=service'),
        (rows) => rows.get('web/root_duration_p95')?.value !== undefined,
      );
      expect(found.get('web/orphan_traces')).toMatchObject({
        verdict: 'insufficient_evidence',
        reason: 'the configuration says that traces do not come whole',
      });
      expect(found.get('orders/missing_service_version')!.verdict).toBe('fail');
    } finally {
      await service.stop();
    }
  });
});

describe('Prometheus', () => {
  let prometheus: Server;
  let service: Service;
  const asked: URLSearchParams[] = [];

  beforeAll(async () => {
    prometheus = createServer((request, response) => {
      const url = new URL(request.url!, 'http://localhost');
      asked.push(url.searchParams);
      const end = Number(url.searchParams.get('time'));
      const series = (metric: object, value: string) => ({ metric, value: [end, value] });
      const result = [
        series({ service: 'web', job: 'gateway' }, '120.4'),
        series({ service_name: 'orders', environment: 'prod' }, '60'),
        series({ service: 'eve.larch@shop.test' }, '5'),
        series({ service: 'broken' }, 'NaN'),
        series({ job: 'nameless' }, '3'),
      ];
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
    await new Promise<void>((done) => prometheus.listen(0, '127.0.0.1', done));
    const { port } = prometheus.address() as AddressInfo;
    service = await startService({ env: { ...IDLE, SPANWARDEN_PROMETHEUS_URL: `http://127.0.0.1:${port}/` } });
  });

  afterAll(async () => {
    await service?.stop();
    await new Promise((done) => prometheus?.close(done));
  });

  test('is asked for the last hours, and what it says of services is kept, sensitive names left out', async () => {
    const { body } = await eventually(
      () => service.api<Page<Row>>('/api/v1/quality/request-totals'),
      (answer) => answer.body.data.length >= 6,
    );
    expect(body.data.slice(0, 2)).toMatchObject([
      { service: 'orders', environment: 'prod', requests: 60, source: 'prometheus' },
      { service: 'web', environment: '', requests: 120, source: 'prometheus' },
    ]);
    expect(body.data).toHaveLength(6);
    expect(JSON.stringify(body)).not.toContain('larch');
    expect(asked[0]!.get('query')).toBe('sum by (service) (increase(http_requests_total[1h]))');
    expect(Number(asked[0]!.get('time')) % 3600).toBe(0);
  });
});
