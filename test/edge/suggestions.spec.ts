import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FindingPage, Policy, PolicyPage } from '../../src/edge/serve/contract.js';
import { encodeRequest, type TestSpan } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';

const SERVER = 2;
let service: Service;
let policies: readonly Policy[];

beforeAll(async () => {
  service = await startService();
  const spans = (n: number, span: TestSpan): TestSpan[] => Array.from({ length: n }, () => span);
  const both = { 'http.method': 'GET', 'http.request.method': 'GET' };
  const code = { 'code.function.name': 'handle_checkout_of_a_cart', 'code.debug.note': 'x'.repeat(60) };
  await service.send(
    encodeRequest([
      {
        resource: { 'service.name': 'web' },
        spans: [
          ...spans(150, { name: 'GET /healthz', kind: SERVER }),
          ...spans(300, { name: 'GET /cart', kind: SERVER, attributes: { ...both, ...code } }),
        ],
      },
      {
        resource: { 'service.name': 'old' },
        spans: spans(20, { name: 'GET /cart', kind: SERVER, attributes: { 'http.method': 'GET' } }),
      },
    ]),
  );
  const listed = await eventually(
    () => service.api<PolicyPage>('/api/v1/policies?limit=200'),
    // Services may be stored one after the other, each with suggestions after it.
    ({ body }) => body.data.filter(({ key }) => key === 'http.method' || key === 'span.name').length >= 3,
    60,
  );
  policies = listed.body.data;
}, 120_000);

afterAll(async () => {
  await service?.stop();
});

const titled = (title: string): Policy | undefined => policies.find((policy) => policy.title === title);

test('a deprecated attribute goes where its successor is sent as well, and is renamed elsewhere', async () => {
  const found = await service.api<FindingPage>('/api/v1/findings?kind=naming&key=http.method&limit=50');
  const idsOf = (name: string) => found.body.data.filter((row) => row.service === name).map(({ id }) => id);
  expect(titled('Delete http.method, sent beside http.request.method')).toMatchObject({
    ...{ services: ['web'], location: 'span', key: 'http.method', action: { kind: 'delete' } },
    findings: idsOf('web'),
  });
  expect(titled('Rename http.method to http.request.method')).toMatchObject({
    services: ['old'],
    findings: idsOf('old'),
  });
});

test('health checks are dropped but for those that fail, and debugging attributes deleted', () => {
  const health = titled('Drop spans of GET /healthz')!;
  expect(health).toMatchObject({
    ...{ services: ['web'], location: 'span_name', unsupported: [], findings: [] },
    action: { kind: 'drop', match: 'GET /healthz', keepErrors: true },
  });
  expect(health.preview).toContain('filter/spanwarden');
  expect(titled('Delete code.function.name')).toMatchObject({ services: ['web'], action: { kind: 'delete' } });
  expect(titled('Delete code.debug.note')).toMatchObject({ services: ['web'] });
});
