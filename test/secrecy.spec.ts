import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/edge/postgres/embedded.js';
import { API_CONTROLLERS } from '../src/edge/serve/controllers/index.js';
import { routesOf } from '../src/edge/serve/openapi.js';
import { makeDataSource } from '../src/edge/store/data-source.js';
import { encodeRequest, jsonRequest } from './support/otlp.js';
import { breaches, leaky, mail, plant, planted, token } from './support/planted.js';
import { eventually, type Service, startService } from './support/service.js';

/*
 * Promise one: no raw match at rest, ever. Unique secrets go in by every way there is, as values, as keys and as names;
 * then everything that the service keeps or says is searched for them.
 */

let service: Service;
let postgres: EmbeddedPostgres | null = null;

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'debug' } });
});

afterAll(async () => {
  await service?.stop({ remove: false });
  await postgres?.stop();
  rmSync(service.home, { recursive: true, force: true });
});

test('the search finds what is there', () => {
  const secret = plant(mail);
  expect(breaches('x', `before ${secret} after`)).toHaveLength(1);
  expect(breaches('x', Buffer.from(secret).toString('base64'))).toHaveLength(1);
  expect(breaches('x', 'nothing')).toEqual([]);
});

test('no planted secret is in logs, metrics, API answers, reports, the database or its files', async () => {
  const found: string[] = [];
  // In: both formats, compressed, in requests that are refused, and in requests to the API itself.
  for (const make of [mail, token]) {
    expect((await service.send(encodeRequest(leaky(make)))).status).toBe(200);
    expect((await service.send(gzipSync(encodeRequest(leaky(make))), { 'content-encoding': 'gzip' })).status).toBe(200);
    const json = await service.send(Buffer.from(jsonRequest(leaky(make))), { 'content-type': 'application/json' });
    expect(json.status).toBe(200);
  }
  const truncated = encodeRequest(leaky(mail)).slice(0, -5);
  const bad = [
    await service.send(truncated),
    await service.send(
      Buffer.from(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":{"x":"${plant(mail)}"}}]}]}]}`),
      { 'content-type': 'application/json' },
    ),
    await service.send(Buffer.from(`{"${plant(mail)}"`), { 'content-type': 'application/json' }),
    await service.send(Buffer.from('x'), { 'content-type': plant(mail) }),
    await service.send(Buffer.from('x'), { authorization: `Bearer ${plant(token)}` }),
  ];
  for (const answer of bad) found.push(...breaches('refusal', await answer.text()));
  for (const query of [`limit=${plant(mail)}`, `cursor=${plant(token)}`, `kind=${plant(mail)}`]) {
    found.push(...breaches('API error', (await service.api(`/api/v1/findings?${query}`)).text));
  }
  const put = {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ team: 5, [plant(mail).slice(0, 3)]: plant(mail) }),
  };
  found.push(...breaches('API error', (await service.api('/api/v1/owners/web', put)).text));

  // Out: what there is to read.
  const policies = await eventually(
    () => service.api<{ data: { id: string }[] }>('/api/v1/policies?limit=200'),
    (answer) => answer.body.data.length >= 5,
  );
  for (const { id } of policies.body.data) await service.api(`/api/v1/policies/${id}/approve`, { method: 'POST' });
  const report = await service.api<{ id: string }>('/api/v1/reports', { method: 'POST' });
  await eventually(
    () => service.api<{ state: string }>(`/api/v1/reports/${report.body.id}`),
    (a) => a.body.state === 'ready',
  );
  const findings = await service.api<{ data: { id: string }[] }>('/api/v1/findings?limit=200');
  expect(findings.body.data.length).toBeGreaterThan(30);
  for (const [i, make] of [mail, token].entries()) {
    const change = (path: string, method: string, body: object) =>
      service.api(`/api/v1/findings/${path}`, { ...put, method, body: JSON.stringify(body) });
    const { id } = findings.body.data[i]!;
    const refused = [
      await change(id, 'PATCH', { state: 'acknowledged', comment: `it was ${plant(make)}` }),
      await change('bulk', 'POST', { ids: [id], comment: plant(make) }),
      await change(id, 'PATCH', { state: plant(make), expires: plant(make), resolution: plant(make) }),
    ];
    expect(refused.map((answer) => answer.status)).toEqual([400, 400, 400]);
    for (const answer of refused) found.push(...breaches('API error', answer.text));
    expect((await change(id, 'PATCH', { state: 'acknowledged', comment: 'asked the team' })).status).toBe(200);
  }
  const paths = routesOf(API_CONTROLLERS)
    .filter((route) => route.method === 'get')
    .map((route) => route.path);
  const ids = [
    ...findings.body.data.flatMap(({ id }) => [`/api/v1/findings/${id}`, `/api/v1/findings/${id}/events`]),
    ...policies.body.data.map(({ id }) => `/api/v1/policies/${id}`),
    ...['', '.md', '.html', '.csv', '.json'].map((ending) => `/api/v1/reports/${report.body.id}${ending}`),
    ...['team', 'service', 'environment', 'attribute'].map((group) => `/api/v1/costs?group_by=${group}`),
    '/api/v1/policy-sets/default/collector.yaml',
    '/api/v1/attributes?limit=200',
    '/api/v1/findings?limit=200',
    '/metrics',
  ];
  for (const path of [...paths.filter((p) => !p.includes('{')), ...ids])
    found.push(...breaches(path, (await service.api(path)).text));

  // At rest: logs, every row of every table, and every file of the home folder, with the write-ahead log.
  await service.stop({ remove: false });
  found.push(...breaches('log', service.output()));
  postgres = await startEmbeddedPostgres(service.home);
  const dataSource = await makeDataSource(postgres.url, 1).initialize();
  const tables: { schemaname: string; tablename: string }[] = await dataSource.query(
    "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  expect(tables.length).toBeGreaterThan(15);
  let rows = 0;
  for (const { schemaname, tablename } of tables) {
    const dump: { row: string }[] = await dataSource.query(
      `SELECT t::text AS row FROM "${schemaname}"."${tablename}" AS t`,
    );
    rows += dump.length;
    found.push(...breaches(`table ${tablename}`, dump.map(({ row }) => row).join('\n')));
  }
  expect(rows).toBeGreaterThan(200);
  await dataSource.destroy();
  await postgres.stop();
  postgres = null;
  const files = readdirSync(service.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(500);
  for (const file of files)
    found.push(...breaches(`file ${file.name}`, readFileSync(join(file.parentPath, file.name))));

  expect(found).toEqual([]);
  expect(planted.length).toBeGreaterThan(150);
});
