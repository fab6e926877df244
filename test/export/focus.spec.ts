import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import type { CostReport } from '../../src/edge/serve/contract.js';
import { encodeRequest } from '../support/otlp.js';
import { ROOT, type Service, startService } from '../support/service.js';

const DAY = 86_400_000;
const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const WINDOW = `from=${new Date(NOW - 2 * DAY).toISOString()}&to=${new Date(NOW + HOUR).toISOString()}`;
const NUMBERS = /Cost$|Quantity$|^x_(?:CostLow|CostHigh|Spans)$/;

type Row = Record<string, string | number | null>;

let service: Service;

beforeAll(async () => {
  service = await startService();
  const spans = (start: number, traceState: string, first: number) =>
    Array.from({ length: 30 }, (_, i) => ({
      name: `step ${i % 3}`,
      ...{ start, traceId: `f${(first + i).toString(16).padStart(15, '0')}${'f'.repeat(16)}` },
      attributes: { note: 'x'.repeat(i) },
      ...(traceState !== '' && { traceState }),
    }));
  const web = { 'service.name': 'web', team: 'front', 'deployment.environment.name': 'production' };
  await service.send(
    encodeRequest([
      { resource: web, spans: [...spans(Date.now(), 'ot=th:c', 0), ...spans(Date.now() - DAY, 'ot=th:c', 100)] },
      { resource: { ...web, 'deployment.environment.name': 'staging' }, spans: spans(Date.now(), 'ot=th:8', 200) },
      { resource: { 'service.name': '=cmd, "x"' }, spans: spans(Date.now(), '', 300) },
    ]),
  );
});

afterAll(async () => {
  await service?.stop();
});

/** Cells of RFC 4180; an empty one is null. */
function parse(text: string): Row[] {
  const lines = text
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
        quoted === undefined ? plain! : quoted.replaceAll('""', '"'),
      ),
    );
  const head = lines[0]!;
  return lines.slice(1).map((cells) => {
    expect(cells.length).toBe(head.length);
    return Object.fromEntries(
      head.map((name, i) => [name, cells[i] === '' ? null : NUMBERS.test(name) ? Number(cells[i]) : cells[i]!]),
    );
  });
}

async function rowsOf(profile: string, query = ''): Promise<{ rows: Row[]; text: string }> {
  const { status, text } = await service.api<string>(`/api/v1/costs.focus.csv?${WINDOW}&profile=${profile}${query}`);
  expect(status).toBe(200);
  return { rows: parse(text), text };
}

async function total(query = ''): Promise<number> {
  return (await service.api<CostReport>(`/api/v1/costs?${WINDOW}${query}`)).body.total.cost;
}

const sum = (rows: readonly Row[]): number => rows.reduce((added, row) => added + Number(row.EffectiveCost), 0);

test.each(['1.2', '1.3'])('every row of %s is valid, and they add up to the total', async (profile) => {
  const file = join(ROOT, 'test', 'export', 'schemas', `focus-${profile}.schema.json`);
  const isValid = new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(file, 'utf8')) as object);
  for (const query of ['', '&price_model=datadog-apm,grafana-cloud-traces']) {
    const { rows } = await rowsOf(profile, query);
    expect(rows.flatMap((row) => (isValid(row) ? [] : [isValid.errors, row]))).toEqual([]);
    const all = await total(query);
    expect(all).toBeGreaterThan(0);
    expect(sum(rows) / all).toBeCloseTo(1, 9);
    for (const { BilledCost, ChargePeriodStart, ChargePeriodEnd, BillingPeriodStart, BillingPeriodEnd } of rows) {
      expect(BilledCost).toBe(0);
      expect(String(ChargePeriodStart) < String(ChargePeriodEnd)).toBe(true);
      expect(BillingPeriodStart! <= ChargePeriodStart! && ChargePeriodEnd! <= BillingPeriodEnd!).toBe(true);
    }
  }
  const { BillingCurrency: _, ...without } = (await rowsOf(profile)).rows[0]!;
  expect(isValid(without)).toBe(false);
  expect(isValid({ ...(await rowsOf(profile)).rows[0], ChargeCategory: 'Showback' })).toBe(false);
});

test('there is a row by service, environment and day, with its team and interval', async () => {
  const { rows, text } = await rowsOf('1.3');
  const web = rows.filter(({ AllocatedResourceId }) => AllocatedResourceId === 'web/production');
  expect(web.map(({ x_Spans }) => x_Spans)).toEqual([120, 120]);
  expect(new Set(web.map(({ ChargePeriodStart }) => ChargePeriodStart)).size).toBe(2);
  for (const row of web) {
    expect(row.SubAccountId).toBe('front');
    expect(Number(row.x_CostLow)).toBeLessThan(Number(row.EffectiveCost));
    expect(Number(row.x_CostHigh)).toBeGreaterThan(Number(row.EffectiveCost));
    const { Elements } = JSON.parse(String(row.AllocatedMethodDetails)) as { Elements: { AllocatedRatio: number }[] };
    expect(Elements.reduce((ratio, { AllocatedRatio }) => ratio + AllocatedRatio, 0)).toBe(1);
  }
  const unknown = rows.find(({ SubAccountId }) => SubAccountId === 'unowned')!;
  expect([unknown.x_CostLow, unknown.x_CostHigh]).toEqual([null, null]);
  expect(text).toContain(`"'=cmd, ""x""`);
  expect((await rowsOf('1.2')).rows[0]).not.toHaveProperty('AllocatedMethodId');
});

test('a counter for all days is in the sum of the days', async () => {
  const [from, to] = WINDOW.split('&').map((part) => part.slice(part.indexOf('=') + 1));
  const { status } = await service.api('/api/v1/usage/counters', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ service: 'web', from, to, spans: 1000 }),
  });
  expect(status).toBe(200);
  const { rows } = await rowsOf('1.3');
  const web = rows.filter(({ AllocatedResourceName }) => AllocatedResourceName === 'web');
  expect(web.reduce((spans, { x_Spans }) => spans + Number(x_Spans), 0)).toBeCloseTo(1000, 6);
  expect(sum(rows) / (await total())).toBeCloseTo(1, 9);
});

test('a team has the days that it owned a service, and its part of one that teams share', async () => {
  const put = (path: string, body: object) =>
    service.api(`/api/v1/${path}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const midnight = new Date(Math.floor(NOW / DAY) * DAY).toISOString();
  expect((await put('owners/web', { team: 'back', valid_from: midnight })).status).toBe(200);
  const teams = async (): Promise<Set<string>> => {
    const { rows } = await rowsOf('1.3');
    expect(sum(rows) / (await total())).toBeCloseTo(1, 9);
    const web = rows.filter(({ AllocatedResourceId }) => AllocatedResourceId === 'web/production');
    return new Set(
      web.map(({ SubAccountId, ChargePeriodStart: day }) => `${SubAccountId} ${Number(String(day) >= midnight)}`),
    );
  };
  expect(await teams()).toEqual(new Set(['front 0', 'back 1']));
  const halves = ['front', 'back'].map((team) => ({ team, weight: 1 }));
  expect((await put('cost-splits/web', { mode: 'even', teams: halves, valid_from: midnight })).status).toBe(200);
  expect(await teams()).toEqual(new Set(['front 0', 'front 1', 'back 1']));
});

test('a window that is too long and a profile that is none are refused', async () => {
  for (const query of ['from=2026-01-01T00:00:00Z&to=2026-02-02T00:00:00Z', 'profile=2.0']) {
    expect((await service.api(`/api/v1/costs.focus.csv?${query}`)).status).toBe(400);
  }
});
