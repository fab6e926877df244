import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import type { CostReport } from '../../src/edge/serve/contract.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { PostgresUsageStore } from '../../src/edge/store/usage-store.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, newHome, type Service, startService } from '../support/service.js';

/* Exact numbers of spans that a Prometheus has: costs are calibrated to them, hour by hour, and hours become days. */

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const QUERY = 'sum by (service_name) (increase(accepted[1h]))';
const EXACT = 700;

let prometheus: Server;
let postgres: EmbeddedPostgres;
let service: Service;
const asked: string[] = [];

beforeAll(async () => {
  prometheus = createServer((request, response) => {
    const url = new URL(request.url!, 'http://x');
    asked.push(url.searchParams.get('query')!);
    const time = Number(url.searchParams.get('time'));
    const result = [
      { metric: { service_name: 'web' }, value: [time, String(EXACT + 0.4)] },
      { metric: { service_name: 'kestrel.vanbrugh@planted.test' }, value: [time, '5'] },
      { metric: { service_name: 'odd' }, value: [time, 'NaN'] },
    ];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
  });
  await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', () => resolve()));
  postgres = await startEmbeddedPostgres(newHome(), { flags: ['fsync=off'] });
  service = await startService({
    env: {
      DATABASE_URL: postgres.url,
      SPANWARDEN_PROMETHEUS_URL: `http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`,
      SPANWARDEN_SPANS_QUERY: QUERY,
    },
  });
  const spans = Array.from({ length: 70 }, (_, i) => ({ start: NOW - HOUR + i, attributes: { note: 'x'.repeat(i) } }));
  await service.send(encodeRequest([{ resource: { 'service.name': 'web' }, spans }]));
});

afterAll(async () => {
  await service?.stop();
  await postgres?.stop();
  await new Promise<void>((resolve) => prometheus.close(() => resolve()));
});

test('an hour is calibrated to what was counted, without anybody saying how spans were sampled', async () => {
  const window = `from=${new Date(NOW - HOUR).toISOString()}&to=${new Date(NOW).toISOString()}`;
  const { body } = await eventually(
    () => service.api<CostReport>(`/api/v1/costs?group_by=service&${window}`),
    ({ body: { basis } }) => basis.includes('calibrated'),
    60,
  );
  expect(body.rows).toMatchObject([{ group: 'web', received_spans: 70 }]);
  expect(body.rows[0]!.spans).toBeCloseTo(EXACT, 6);
  expect(body.rows[0]!.spans_interval!.high).toBeCloseTo(EXACT, 3);
  expect(asked).toContain(QUERY);
});

test('a name that a detector finds is not stored, and whole days of hours become one counter', async () => {
  const dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  try {
    const names: { service: string }[] = await dataSource.query('SELECT DISTINCT service FROM usage_counter');
    expect(names).toEqual([{ service: 'web' }]);
    const store = new PostgresUsageStore(dataSource);
    const day = Date.UTC(2026, 5, 1);
    const put = (n: number, author = 'prometheus') => {
      const window = { from: new Date(day + n * HOUR), to: new Date(day + (n + 1) * HOUR) };
      return store.setCounter('default', { service: 'old', window, spans: n, bytes: null }, author);
    };
    for (let n = 0; n < 24; n++) await put(n);
    await put(30);
    await put(26, 'somebody');
    await store.foldCounters('default', new Date(day + 48 * HOUR));
    const counters = await store.counters('default', { from: new Date(day), to: new Date(day + 48 * HOUR) });
    expect(
      counters.map(({ spans, window: { from, to } }) => [spans, (+from - day) / HOUR, (+to - day) / HOUR]),
    ).toEqual([
      [276, 0, 24],
      [26, 26, 27],
      [30, 30, 31],
    ]);
  } finally {
    await dataSource.destroy();
  }
});
