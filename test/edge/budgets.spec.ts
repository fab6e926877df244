import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { freePort } from '../../src/edge/ports.js';
import type { Budget, BudgetPage, CostReport } from '../../src/edge/serve/contract.js';
import { encodeRequest } from '../support/otlp.js';
import { breaches, mail, plant } from '../support/planted.js';
import { eventually, type Service, startService } from '../support/service.js';

/* Budgets over the API of a real process: their figures, their alerts as mails, and what is refused. */

const ADDRESS = '/api/v1/budgets';
const DAY = 86_400_000;
const mails: ParsedMail[] = [];
let service: Service;
let smtp: SMTPServer;

interface Refusal {
  readonly code: string;
  readonly errors: readonly { readonly where: string; readonly allowed: string }[];
}

function ask<T = Budget>(method: string, path: string, body: unknown, headers: object = {}) {
  return service.api<T>(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

async function add(fields: object): Promise<Budget> {
  const { status, body } = await ask('POST', ADDRESS, fields);
  expect(status).toBe(201);
  return body;
}

beforeAll(async () => {
  const port = await freePort();
  smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, _session, done) {
      simpleParser(stream).then((parsed) => {
        mails.push(parsed);
        done();
      }, done);
    },
  });
  await new Promise<void>((resolve) => smtp.listen(port, '127.0.0.1', () => resolve()));
  service = await startService({
    env: { SPANWARDEN_SMTP_URL: `smtp://127.0.0.1:${port}`, SPANWARDEN_DELIVERY_NETWORKS: '127.0.0.0/8' },
  });
  const spans = (count: number, at: number, traceState: string) =>
    Array.from({ length: count }, (_, i) => ({
      traceId: `a${Math.floor(at / DAY)
        .toString(16)
        .padStart(7, '0')}${i.toString(16).padStart(8, '0')}${'f'.repeat(16)}`,
      start: at,
      attributes: { note: 'x'.repeat(50 + i) },
      ...(traceState !== '' && { traceState }),
    }));
  const send = (name: string, team: string, environment: string, count: number, at: number, traceState: string) =>
    service.send(
      encodeRequest([
        {
          resource: { 'service.name': name, team, 'deployment.environment.name': environment },
          spans: spans(count, at, traceState),
        },
      ]),
    );
  const now = Date.now();
  for (let day = 1; day <= 9; day++)
    await send('web', 'front', 'production', 20 + (day % 3), now - day * DAY, 'ot=th:c');
  await send('web', 'front', 'production', 10, now, 'ot=th:c');
  await send('web', 'front', 'staging', 10, now, 'ot=th:c');
  await send('jobs', 'back', 'production', 10, now, '');
});

afterAll(async () => {
  await service?.stop();
  await new Promise<void>((resolve) => smtp.close(() => resolve()));
});

test('what is spent is what costs by team say of the month so far, in money and in bytes', async () => {
  const costsOf = async ({ state, price_model }: Budget): Promise<CostReport> => {
    const model = price_model === null ? '' : `&price_model=${price_model}`;
    const { start, end } = state!.window;
    return (await service.api<CostReport>(`/api/v1/costs?group_by=team&from=${start}&to=${end}${model}`)).body;
  };
  const models = ['grafana-cloud-traces', 'datadog-apm'];
  for (const price_model of models) {
    const budget = await add({ team: 'front', unit: 'money', amount: 5, price_model });
    const { rows, currency } = await costsOf(budget);
    const row = rows.find(({ group }) => group === 'front')!;
    expect(budget).toMatchObject({ currency, price_model });
    expect(budget.state!.spent.value).toBeCloseTo(row.cost, 15);
    expect(budget.state!.spent.interval).toEqual(row.cost_interval);
  }
  const bytes = await add({ team: 'front', unit: 'bytes', amount: 1e9 });
  const row = (await costsOf(bytes)).rows.find(({ group }) => group === 'front')!;
  expect(bytes.state!.spent).toEqual({ value: row.bytes, interval: row.bytes_interval, percent: row.bytes / 1e7 });
  expect(bytes.state).toMatchObject({ has_usage: true, basis: expect.stringContaining('tracestate') });
  // Environments of a team add up to it.
  const parts = await Promise.all(
    ['production', 'staging'].map((environment) => add({ team: 'front', environment, unit: 'bytes', amount: 1e9 })),
  );
  expect(parts.reduce((sum, { state }) => sum + state!.spent.value, 0)).toBeCloseTo(row.bytes, 6);
  const money = await add({ team: 'front', environment: 'staging', unit: 'money', amount: 1, price_model: models[0] });
  const all = (await costsOf(money)).rows.find(({ group }) => group === 'front')!;
  expect(money.state!.spent.value).toBeCloseTo(all.cost * (parts[1]!.state!.spent.value / all.bytes), 12);
});

test('the month is forecast where whole weeks are known, and otherwise not', async () => {
  const { body } = await service.api<BudgetPage>(`${ADDRESS}?team=front&limit=200`);
  const bytes = body.data.find(({ unit, environment }) => unit === 'bytes' && environment === null)!;
  const { forecast, spent, window } = bytes.state!;
  expect(forecast).toMatchObject({ verdict: 'estimated', days: 7, reason: '' });
  // By hand: the days of the last week, as costs say them.
  const costs = async (from: Date, to: Date) =>
    (
      await service.api<CostReport>(`/api/v1/costs?group_by=team&from=${from.toISOString()}&to=${to.toISOString()}`)
    ).body.rows.find(({ group }) => group === 'front')!.bytes;
  const today = Math.floor(Date.parse(window.end) / DAY) * DAY;
  let week = 0;
  for (let day = 1; day <= 7; day++)
    week += await costs(new Date(today - day * DAY), new Date(today - (day - 1) * DAY));
  const start = new Date(window.start);
  const end = Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 1);
  const left = (end - Date.parse(window.end)) / DAY;
  expect(forecast.value).toBeCloseTo(spent.value + (left * week) / 7, 4);
  expect(forecast.interval!.low).toBeLessThan(forecast.value!);
  expect(forecast.interval!.high).toBeGreaterThan(forecast.value!);
  const back = await add({ team: 'back', unit: 'bytes', amount: 1e9 });
  expect(back.state!.forecast).toMatchObject({ verdict: 'insufficient_evidence', value: null, interval: null });
  expect(back.state!.spent.interval).toBeNull();
});

test('budgets are listed by pages and as CSV, changed by who read them, and removed', async () => {
  const whole = (await service.api<BudgetPage>(`${ADDRESS}?limit=200`)).body.data;
  const first = (await service.api<BudgetPage>(`${ADDRESS}?limit=2`)).body;
  const second = (await service.api<BudgetPage>(`${ADDRESS}?limit=200&cursor=${first.next_cursor}`)).body;
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(whole.map(({ id }) => id));
  const csv = (await service.api(`${ADDRESS}.csv?team=front`)).text.split('\r\n');
  expect(csv[0]).toMatch(/^id,team,environment,unit,amount,currency,price_model,month,spent,spent_low/);
  expect(csv).toHaveLength(2 + whole.filter(({ team }) => team === 'front').length);
  const made = await add({ team: 'later', unit: 'bytes', amount: 1 });
  expect(made.state).toMatchObject({ has_usage: false, spent: { value: 0 } });
  const path = `${ADDRESS}/${made.id}`;
  const fields = { team: 'later', unit: 'bytes', amount: 2 };
  expect((await ask('PUT', path, fields)).status).toBe(428);
  const changed = await ask('PUT', path, fields, { 'if-match': made.etag });
  expect(changed).toMatchObject({ status: 200, body: { amount: 2 } });
  expect(changed.headers.get('etag')).toBe(changed.body.etag);
  expect((await ask('PUT', path, fields, { 'if-match': made.etag })).status).toBe(412);
  const remove = (headers: Record<string, string>) => service.api(path, { method: 'DELETE', headers });
  expect((await remove({})).status).toBe(428);
  expect((await remove({ 'if-match': made.etag })).status).toBe(412);
  expect((await remove({ 'if-match': changed.body.etag })).status).toBe(204);
  expect((await remove({ 'if-match': changed.body.etag })).status).toBe(404);
});

test('what cannot be is refused with every problem, and without its values', async () => {
  const places = async (body: object): Promise<unknown> => {
    const answer = await ask<Refusal>('POST', ADDRESS, body);
    expect(breaches('answer', answer.text)).toEqual([]);
    return [answer.status, ...(answer.body.errors ?? []).map(({ where }) => where)];
  };
  expect(await places({ team: '', unit: 'spans', amount: -1, actual_thresholds: [0] })).toEqual([
    400,
    'body.team',
    'body.unit',
    'body.amount',
    'body.actual_thresholds.0',
  ]);
  expect(await places({ team: plant(mail), unit: 'bytes', amount: 1, price_model: 'datadog-apm' })).toEqual([
    400,
    'body.team',
    'body.price_model',
  ]);
  expect(await places({ team: 'front', unit: 'money', amount: 1, price_model: 'dash0' })).toEqual([
    400,
    'body.price_model',
  ]);
  // The same twice; of another environment, unit or price model it is another one.
  const twice = { team: 'twice', unit: 'bytes', amount: 1 };
  const one = await add(twice);
  expect((await ask<Refusal>('POST', ADDRESS, { ...twice, amount: 2 })).body.code).toBe('duplicate');
  const other = await add({ ...twice, environment: 'production' });
  expect((await ask('PUT', `${ADDRESS}/${other.id}`, twice, { 'if-match': other.etag })).status).toBe(409);
  expect((await service.api<Budget>(`${ADDRESS}/${one.id}`)).body.amount).toBe(1);
});

test('a threshold that is reached is one mail, with a link to the evidence', async () => {
  const target = { channel: 'mail', to: ['lead@shop.example'] };
  const rule = { name: 'Money', events: ['budget_actual', 'budget_forecast'], group_minutes: 0, target };
  expect((await ask('POST', '/api/v1/notification-rules', rule)).status).toBe(201);
  const crossed = await add({ team: 'back', environment: 'production', unit: 'bytes', amount: 100 });
  expect(crossed.state!.reached.actual).toEqual([80, 100]);
  await eventually(
    async () => mails.length,
    (n) => n > 0,
    90,
  );
  const { subject, text } = mails[0]!;
  expect(subject).toContain('Budget of team back in production: 100 % is spent');
  expect(text).toContain(`/api/v1/budgets/${crossed.id}`);
  expect(text!.match(/is spent in \d{4}-\d{2} \(/g)).toHaveLength(2);
  // Another look at the budgets and at the rules, and nothing: it is told once.
  const touched = await ask(
    'PUT',
    `${ADDRESS}/${crossed.id}`,
    { team: 'none', unit: 'bytes', amount: 1 },
    {
      'if-match': crossed.etag,
    },
  );
  expect(touched.status).toBe(200);
  await new Promise((resolve) => setTimeout(resolve, 35_000));
  expect(mails).toHaveLength(1);
}, 180_000);
