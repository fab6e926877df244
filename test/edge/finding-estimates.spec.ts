import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Finding, FindingDetail, FindingPage } from '../../src/edge/serve/contract.js';
import { encodeRequest } from '../support/otlp.js';
import { type Service, startService } from '../support/service.js';

const MAIL = 'kestrel.vanbrugh@planted.test';
const DAY_MS = 86_400_000;
const SPANS = 60;
let service: Service;

/** Spans of different traces, of which one in three holds an address. */
function spans(traceState: string, start = Date.now()) {
  return Array.from({ length: SPANS }, (_, i) => ({
    name: 'step',
    start,
    traceId: `f${i.toString(16).padStart(15, '0')}${'f'.repeat(16)}`,
    attributes: i % 3 === 0 ? { 'app.contact': MAIL } : { mode: 'a' },
    ...(traceState !== '' && { traceState }),
  }));
}

beforeAll(async () => {
  service = await startService();
  const of = (name: string) => ({ 'service.name': name });
  await service.send(
    encodeRequest([
      { resource: { ...of('sampled'), 'app.owner': MAIL }, spans: spans('ot=th:c') },
      { resource: of('sampled'), spans: spans('ot=th:8', Date.now() - 2 * DAY_MS) },
      { resource: of('whole'), spans: spans('ot=th:0') },
      { resource: of('silent'), spans: spans('') },
      { resource: of('mixed'), spans: [...spans('ot=th:c'), ...spans('')] },
    ]),
  );
});

afterAll(async () => {
  await service?.stop();
});

async function finding(name: string, key = 'app.contact'): Promise<Finding> {
  const query = `service=${name}&key=${key}&kind=pii`;
  const { status, body } = await service.api<FindingPage>(`/api/v1/findings?${query}`);
  expect([status, body.data.length]).toEqual([200, 1]);
  return body.data[0]!;
}

test('a finding is estimated day by day at what spans of its service stood for', async () => {
  const found = await finding('sampled');
  const seen = SPANS / 3;
  expect(found.occurrences).toBe(2 * seen);
  const { value, low, high } = found.estimated!;
  expect(value).toBeCloseTo(4 * seen + 2 * seen, 3);
  expect(low).toBeGreaterThanOrEqual(2 * seen);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  const detail = await service.api<FindingDetail>(`/api/v1/findings/${found.id}`);
  expect(detail.body.estimated).toEqual(found.estimated);
});

test('where nothing was dropped, the estimate is the count; in a resource nothing can be said', async () => {
  const found = await finding('whole');
  const { occurrences: seen } = found;
  expect(found.estimated).toEqual({ value: seen, low: seen, high: seen });
  expect((await finding('sampled', 'app.owner')).estimated).toBeNull();
});

test('a ratio that was set says it for spans that do not', async () => {
  expect((await finding('silent')).estimated).toBeNull();
  expect((await finding('mixed')).estimated).toBeNull();
  const body = JSON.stringify({ service: null, probability: 0.1 });
  const init = { method: 'PUT', headers: { 'content-type': 'application/json' }, body };
  expect((await service.api('/api/v1/usage/sampling', init)).status).toBe(200);
  expect((await finding('silent')).estimated!.value).toBeCloseTo((10 * SPANS) / 3, 3);
  // Half of the spans stand for 4, the others for 10, and it is not known which of them the matches are in.
  expect((await finding('mixed')).estimated!.value).toBeCloseTo(((2 * SPANS) / 3) * 7, 3);
  const { text } = await service.api('/api/v1/findings.csv?service=silent&key=app.contact');
  const [head, row] = text.trimEnd().split('\r\n') as [string, string];
  const at = head.split(',').indexOf('estimated');
  expect(head.split(',').slice(at - 1, at + 3)).toEqual([
    'occurrences',
    'estimated',
    'estimated_low',
    'estimated_high',
  ]);
  expect(row.split(',').slice(at - 1, at + 1)).toEqual(['20', '200']);
});
