import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import type { PolicyPage, Simulation, SimulationDetail } from '../../src/edge/serve/contract.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { encodeRequest, jsonRequest } from '../support/otlp.js';
import { breaches, leaky, mail, plant, planted, token } from '../support/planted.js';
import { eventually, type Service, startService } from '../support/service.js';

/*
 * Promise one, for simulations: spans with secrets in every place go through simulations of all policies that are suggested
 * for them; then everything that is kept or said is searched.
 */

let service: Service;
let postgres: EmbeddedPostgres | null = null;

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'debug', SPANWARDEN_SIMULATION_PERCENT: '100' } });
});

afterAll(async () => {
  await service?.stop({ remove: false });
  await postgres?.stop();
  rmSync(service.home, { recursive: true, force: true });
});

test('no planted secret is in what simulations keep and say', async () => {
  const found: string[] = [];
  const known = leaky(mail);
  const named = known.map(({ resource, ...rest }) => ({ ...rest, resource: { ...resource, 'service.name': 'shop' } }));
  const list = () => service.api<PolicyPage>('/api/v1/policies?limit=200&state=suggested');
  expect((await service.send(encodeRequest(named))).status).toBe(200);
  const { body } = await eventually(list, (answer) => answer.body.data.length >= 8);
  const json = { 'content-type': 'application/json' };
  const start = (id: string, fields: object = {}) =>
    service.api<Simulation>(`/api/v1/policies/${id}/simulations`, {
      ...{ method: 'POST', headers: json, body: JSON.stringify(fields) },
    });
  const ids: string[] = [];
  for (const { id } of body.data.slice(0, 8)) {
    const answer = await start(id);
    expect(answer.status).toBe(201);
    ids.push(answer.body.id);
  }
  const refused = [
    await start(body.data[0]!.id, { duration_seconds: plant(mail), [plant(token).slice(0, 3)]: plant(mail) }),
    await service.api(`/api/v1/simulations/${encodeURIComponent(plant(mail))}`),
    await service.api(`/api/v1/simulations/${ids[0]}?price_model=${plant(token)}`),
  ];
  for (const answer of refused) {
    expect(answer.status).toBeGreaterThanOrEqual(400);
    found.push(...breaches('API error', answer.text));
  }

  for (let i = 0; i < 5; i++) {
    for (const make of [mail, token]) {
      const spans = leaky(make).map((one) => ({ ...one, resource: { ...one.resource, 'service.name': 'shop' } }));
      expect((await service.send(encodeRequest(spans))).status).toBe(200);
      const asJson = { 'content-type': 'application/json' };
      expect((await service.send(Buffer.from(jsonRequest(leaky(make))), asJson)).status).toBe(200);
    }
  }
  let touched = 0;
  for (const id of ids) {
    const answer = await service.api<SimulationDetail>(`/api/v1/simulations/${id}`, { method: 'DELETE' });
    expect(answer.body.state).toBe('done');
    touched += answer.body.total.spans_touched;
    found.push(...breaches('simulation', answer.text));
  }
  expect(touched).toBeGreaterThan(ids.length);
  for (const { id } of body.data) {
    found.push(...breaches('list', (await service.api(`/api/v1/policies/${id}/simulations`)).text));
  }

  // At rest: logs, every row of the tables, and every file, with the write-ahead log.
  await service.stop({ remove: false });
  found.push(...breaches('log', service.output()));
  postgres = await startEmbeddedPostgres(service.home);
  const dataSource = await makeDataSource(postgres.url, 1).initialize();
  let rows = 0;
  for (const table of ['simulation', 'simulation_part', 'policy']) {
    const dump: { row: string }[] = await dataSource.query(`SELECT t::text AS row FROM ${table} AS t`);
    rows += dump.length;
    found.push(...breaches(`table ${table}`, dump.map(({ row }) => row).join('\n')));
  }
  expect(rows).toBeGreaterThanOrEqual(3 * ids.length);
  await dataSource.destroy();
  await postgres.stop();
  postgres = null;
  const files = readdirSync(service.home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(500);
  for (const file of files) {
    found.push(...breaches(`file ${file.name}`, readFileSync(join(file.parentPath, file.name))));
  }
  expect(found).toEqual([]);
  expect(planted.length).toBeGreaterThan(150);
});
