import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { CostReport } from '../../src/edge/serve/contract.js';
import { encodeRequest } from '../support/otlp.js';
import { breaches, mail, plant } from '../support/planted.js';
import { type Service, startService } from '../support/service.js';

let service: Service;

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_OWNER_KEYS: 'squad,team' } });
  const spans = Array.from({ length: 20 }, (_, i) => ({
    traceId: `f${i.toString(16).padStart(15, '0')}${'f'.repeat(16)}`,
    start: Date.now(),
    attributes: { note: `to ${plant(mail)}` },
    traceState: 'ot=th:8',
  }));
  await service.send(
    encodeRequest([
      { resource: { 'service.name': 'web', squad: 'front "x"', team: 'not this' }, spans },
      { resource: { 'service.name': 'jobs', team: 'back' }, spans: spans.map((span) => ({ ...span, traceState: '' })) },
    ]),
  );
});

afterAll(() => service?.stop());

test('cost and findings by team are gauges of the month so far, with bounded labels and no value', async () => {
  const response = await fetch(`${service.endpoints.http}/metrics/usage`);
  const text = await response.text();
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/plain')]);
  const metricOf = (name: string, ...labels: string[]): number => {
    const line = text
      .split('\n')
      .find((one) => one.startsWith(`${name}{`) && labels.every((label) => one.includes(label)));
    return Number(line?.split(' ').at(-1));
  };
  const now = new Date();
  const from = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)).toISOString();
  const { body } = await service.api<CostReport>(`/api/v1/costs?group_by=team&from=${from}`);
  const front = body.rows.find(({ group }) => group === 'front "x"')!;
  expect(front).toMatchObject({ spans: 40, received_spans: 20 });
  expect(metricOf('spanwarden_team_spans', 'team="front \\"x\\""')).toBe(40);
  expect(metricOf('spanwarden_team_cost', 'team="front \\"x\\""', 'currency="USD"')).toBeCloseTo(front.cost, 12);
  expect(metricOf('spanwarden_team_cost_bound', 'bound="high"', 'front')).toBeCloseTo(front.cost_interval!.high, 12);
  expect(text).not.toMatch(/cost_bound\{team="back"/);
  expect(metricOf('spanwarden_team_findings', 'team="back"', 'kind="pii"')).toBeGreaterThanOrEqual(1);
  expect(text).not.toContain('not this');
  for (const [, labels] of text.matchAll(/^spanwarden_team_\w+\{(.*)\}/gm)) {
    const names = [...labels!.matchAll(/(\w+)="/g)].map(([, name]) => name);
    expect(['team', 'currency', 'price_model', 'bound', 'kind', 'severity']).toEqual(expect.arrayContaining(names));
  }
  expect(breaches('/metrics/usage', text)).toEqual([]);
});

test('others than programs on this machine need a token', async () => {
  const asked = await fetch(`${service.endpoints.http}/metrics/usage`, { headers: { forwarded: 'for=192.0.2.1' } });
  expect(asked.status).toBe(401);
});
