import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { CustomerRules } from '../../src/edge/rules/customer-rules.js';
import type { TenantRules } from '../../src/edge/rules/tenant-rules.js';
import type { FindingPage, RuleList } from '../../src/edge/serve/contract.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresExclusionStore } from '../../src/edge/store/exclusion-store.js';
import { PostgresRuleStore } from '../../src/edge/store/rule-store.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, newHome, type Service, startService } from '../support/service.js';
import { slowDocument, slowValue } from '../support/slow-pattern.js';

/* Several processes on one database: what one of them changes comes into force in the others. */

let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let store: PostgresRuleStore;
let exclusions: PostgresExclusionStore;

const edit = { author: 'admin', comment: '' };
const exclusion = { detector: null, service: null, key: null, fingerprint: null, reason: 'test', author: 'admin' };

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(newHome());
  dataSource = await makeDataSource(postgres.url).initialize();
  await migrate(dataSource);
  store = new PostgresRuleStore(dataSource);
  exclusions = new PostgresExclusionStore(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
});

test('what one process changes another reads, and tells its listeners only then', async () => {
  const [here, there] = [await start(), await start()];
  const told: TenantRules[] = [];
  there.onChange((rules) => told.push(rules));
  await there.refresh();
  expect(told).toEqual([]);
  await store.add('default', { ...edit, document: slowDocument('keywords') }, 0);
  await Promise.all([here.refresh(), there.refresh(), there.refresh()]);
  expect(told).toMatchObject([{ tenant: 'default', version: 1, switchedOff: [], exclusions: [] }]);
  expect(there.detector('default', 'x-quick')?.name).toBe('Test');
  expect(there.of('another')).toMatchObject({ version: 0, detectors: [], off: [] });

  const off = { detector: 'x-slow', reason: 'slow' };
  expect(here.switchOff({ tenant: 'default', version: 2, ...off })).toBe(false);
  expect(here.switchOff({ tenant: 'default', version: 1, ...off })).toBe(true);
  expect(here.switchOff({ tenant: 'default', version: 1, ...off })).toBe(false);
  await eventually(
    async () => {
      await there.refresh();
      return told.at(-1)?.switchedOff;
    },
    (switchedOff) => switchedOff?.length === 1,
  );
  expect(there.of('default').off).toEqual([off]);
  const later = await start();
  expect(later.of('default').off).toEqual([off]);

  const row = await exclusions.add('default', { ...exclusion, detector: 'email', expiresAt: new Date(4e12) });
  await there.refresh();
  expect(told.at(-1)).toMatchObject({ version: 1, exclusions: [{ detector: 'email', expiresAt: 4e12 }] });
  await exclusions.remove('default', row.id);
  await store.add('default', { ...edit, document: slowDocument('keywords') }, 1);
  await there.refresh();
  expect(told.at(-1)).toMatchObject({ version: 2, switchedOff: [], exclusions: [] });
  await Promise.all([here, there, later].map((rules) => rules.onApplicationShutdown()));
});

test('a detector that this version cannot run any more is off, and the others go on', async () => {
  const document = slowDocument('keywords').replace('"keywords":["slow"]', '"keywords":["slow"],"validators":["gone"]');
  await store.add('old', { ...edit, document }, 0);
  const rules = await start();
  expect(rules.of('old').detectors.map(({ id }) => id)).toEqual(['x-quick']);
  expect(rules.of('old').off.map(({ detector }) => detector)).toEqual(['x-slow']);
  await rules.onApplicationShutdown();
});

test('a service takes what another wrote within seconds, and switches a slow detector off', async () => {
  let service: Service | null = null;
  try {
    service = await startService({ env: { DATABASE_URL: postgres.url } });
    const { api, send, output } = service;
    const leak = (text: string) =>
      send(encodeRequest([{ resource: { 'service.name': 'web' }, spans: [{ attributes: { text } }] }]));
    const findings = async () => (await api<FindingPage>('/api/v1/findings?detector=x-quick')).body.data;
    await leak('quick-123456');
    expect(await findings()).toHaveLength(1);
    expect((await leak(slowValue(20_000))).status).toBe(200);
    const rules = await eventually(
      () => api<RuleList>('/api/v1/rules'),
      ({ body }) => body.data.some(({ state }) => state === 'off'),
    );
    expect(rules.body.data.filter(({ state }) => state === 'off')).toMatchObject([
      { id: 'x-slow', source: 'custom', reason: 'took more than 50 ms for one value' },
    ]);
    expect((await api<string>('/metrics')).text).toContain('spanwarden_rules_switched_off_total 1');
    expect(output()).toContain('detector x-slow took more than 50 ms for one value');
    expect(output()).not.toContain('slow (?');

    // Written past the API, as another process would: it is in force with the next look at the database.
    await store.add('default', { ...edit, document: slowDocument('keywords').replaceAll('quick', 'brisk') }, 2);
    const brisk = () => api<FindingPage>('/api/v1/findings?detector=x-brisk');
    const found = async () => {
      await leak('brisk-654321');
      return (await brisk()).body.data.length;
    };
    await eventually(found, (count) => count === 1);
    const { body } = await api<RuleList>('/api/v1/rules');
    expect(body.data.filter(({ state }) => state === 'off')).toEqual([]);
  } finally {
    await service?.stop();
  }
});

function start(): Promise<CustomerRules> {
  return CustomerRules.start(store, exclusions, patternCompiler().compiler);
}
