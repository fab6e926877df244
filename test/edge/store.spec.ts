import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresFindingStore } from '../../src/edge/store/finding-store.js';
import { claimInstallation } from '../../src/edge/store/installation.js';
import { PostgresRollupStore } from '../../src/edge/store/rollup-store.js';
import { PostgresSessionStore } from '../../src/edge/store/session-store.js';
import { PostgresUsageStore } from '../../src/edge/store/usage-store.js';
import { commitBatches } from '../../src/flow/commit.js';
import { GroupCommit } from '../../src/flow/group-commit.js';
import type { AnalysedBatch, RollupStore } from '../../src/flow/ports.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest, type TestSpan } from '../support/otlp.js';
import { newHome } from '../support/service.js';

const NOW = Date.now();
const WINDOW = { from: new Date(NOW - 7 * 86_400_000), to: new Date(NOW + 3_600_000) };
const TABLES = [
  'ledger',
  'service',
  'usage_hourly',
  'attribute_hourly',
  'span_name_hourly',
  'finding',
  'finding_event',
  'finding_hourly',
  'finding_day',
];

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await dataSource.query(`TRUNCATE ${TABLES.join(', ')}`);
});

let batches = 0;

/** A batch as the analysis makes it, of spans of some services. */
function batch(
  services: Readonly<Record<string, readonly TestSpan[]>>,
  id = (++batches).toString(16).padStart(64, '0'),
): AnalysedBatch {
  const resources = Object.entries(services).map(([service, spans]) => ({
    resource: { 'service.name': service },
    spans: spans.map((span) => ({ start: NOW, ...span })),
  }));
  const { rollup, day } = makeAnalyser().analyse(encodeRequest(resources), 'otlp-protobuf', NOW);
  return { tenant: 'default', id, day, rollup };
}

const mail = (name: string): TestSpan => ({ attributes: { note: `${name}@shop.test` } });

async function totals(): Promise<unknown> {
  const usage = await new PostgresUsageStore(dataSource).usage('default', WINDOW);
  const findings = await new PostgresFindingStore(dataSource).open('default', 100);
  return { spans: usage.reduce((sum, row) => sum + row.spans, 0), occurrences: findings.map((f) => f.occurrences) };
}

describe('schema', () => {
  test('the migrations make exactly the tables that the entities describe', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map((q) => q.query)).toEqual([]);
  });

  test('migrations go back down and up again', async () => {
    const count = (await dataSource.query('SELECT count(*) AS n FROM migrations'))[0].n;
    for (let i = 0; i < Number(count); i++) await dataSource.undoLastMigration();
    const left = await dataSource.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'migrations'",
    );
    expect(left).toEqual([]);
    expect(await migrate(dataSource)).toHaveLength(Number(count));
  });

  test('processes that start at once migrate once', async () => {
    const sources = await Promise.all([1, 2, 3].map(async () => makeDataSource(postgres.url, 2).initialize()));
    await sources[0]!.undoLastMigration();
    const ran = await Promise.all(sources.map(migrate));
    expect(ran.flat()).toHaveLength(1);
    await Promise.all(sources.map((source) => source.destroy()));
  });

  test('every table of the ingest path has the distribution key in its primary key', async () => {
    const keys: { table_name: string; columns: string[] }[] = await dataSource.query(
      `SELECT c.relname AS table_name, array_agg(a.attname::text) AS columns FROM pg_index i
       JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
       WHERE i.indisprimary AND c.relname = ANY($1) GROUP BY c.relname`,
      [TABLES],
    );
    expect(keys).toHaveLength(TABLES.length);
    for (const { columns } of keys) expect(columns).toEqual(expect.arrayContaining(['tenant_id', 'dist_key']));
  });

  test('a database belongs to one master key', async () => {
    await claimInstallation(dataSource, 'key-a');
    await claimInstallation(dataSource, 'key-a');
    await expect(claimInstallation(dataSource, 'key-b')).rejects.toThrow('belongs to another master key');
  });
});

describe('commits', () => {
  test('the same batch counts once, alone, in a group and again later', async () => {
    const store = new PostgresRollupStore(dataSource);
    const one = batch({ web: [mail('a'), {}] });
    expect(await commitBatches(store, [one, one])).toEqual({ newFindings: 1, duplicates: 1 });
    expect(await commitBatches(store, [one])).toEqual({ newFindings: 0, duplicates: 1 });
    expect(await commitBatches(new PostgresRollupStore(dataSource), [one])).toEqual({ newFindings: 0, duplicates: 1 });
    expect(await totals()).toEqual({ spans: 2, occurrences: [1] });
  });

  test('a batch of which a service was counted before adds only the others', async () => {
    const store = new PostgresRollupStore(dataSource);
    const whole = batch({ web: [{}], shop: [{}, {}] });
    await commitBatches(store, [whole]);
    await dataSource.query("DELETE FROM ledger WHERE dist_key = (SELECT dist_key FROM service WHERE service = 'shop')");
    expect(await commitBatches(store, [whole])).toEqual({ newFindings: 0, duplicates: 0 });
    const usage = await new PostgresUsageStore(dataSource).usage('default', WINDOW);
    expect(usage.map(({ service, spans }) => [service, spans])).toEqual([
      ['shop', 4],
      ['web', 1],
    ]);
  });

  test('many processes, duplicates and any order give the totals of the distinct batches', async () => {
    const distinct = Array.from({ length: 30 }, (_, i) =>
      batch({ web: [mail(`a${i % 7}`)], [`s${i % 3}`]: [mail('b'), {}] }),
    );
    const deliveries = [...distinct, ...distinct, ...distinct].sort(() => Math.random() - 0.5);
    const stores = [1, 2, 3].map(() => new GroupCommit(new PostgresRollupStore(dataSource), { maxBatches: 8 }));
    await Promise.all(deliveries.map((b, i) => stores[i % 3]!.submit(b)));
    const usage = await new PostgresUsageStore(dataSource).usage('default', WINDOW);
    expect(usage.map(({ service, spans }) => [service, spans])).toEqual([
      ['s0', 20],
      ['s1', 20],
      ['s2', 20],
      ['web', 30],
    ]);
    const attributes = await new PostgresUsageStore(dataSource).attributes(
      'default',
      WINDOW,
      { service: 'web', key: 'note' },
      10,
      0,
    );
    expect(attributes).toHaveLength(1);
    expect(attributes[0]).toMatchObject({ observations: 30 });
    expect(attributes[0]!.values.estimate()).toEqual({ distinct: 7, standardError: 0 });
    const findings = await new PostgresFindingStore(dataSource).open('default', 10);
    expect(findings.map((f) => f.occurrences).sort((a, b) => a - b)).toEqual([10, 10, 10, 30]);
    expect(findings.find((f) => f.service === 'web')!.fingerprints).toHaveLength(7);
  });

  test('a failure in the transaction leaves nothing, and what is in memory stays with what is in the store', async () => {
    const store = new PostgresRollupStore(dataSource);
    await commitBatches(store, [batch({ web: [mail('a')] })]);
    const failing: RollupStore = {
      transaction: (work) =>
        store.transaction(async (transaction) => {
          await work(transaction);
          throw new Error('power failure');
        }),
    };
    await expect(commitBatches(failing, [batch({ web: [mail('b'), mail('c')] })])).rejects.toThrow('power failure');
    expect(await totals()).toEqual({ spans: 1, occurrences: [1] });
    await commitBatches(store, [batch({ web: [mail('d')] })]);
    const [attribute] = await new PostgresUsageStore(dataSource).attributes('default', WINDOW, { key: 'note' }, 10, 0);
    expect(attribute!.values.estimate().distinct).toBe(2);
  });

  test('a batch that cannot be committed does not hold up the others of its group', async () => {
    const store = new PostgresRollupStore(dataSource);
    const bad: AnalysedBatch = { ...batch({ web: [{}] }), day: 'not a day' };
    const commits = new GroupCommit(store, { maxBatches: 10 });
    const outcomes = await Promise.allSettled([
      commits.submit(batch({ web: [{}] })),
      commits.submit(bad),
      commits.submit(batch({ web: [{}] })),
    ]);
    expect(outcomes.map((o) => o.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await totals()).toMatchObject({ spans: 2 });
    await commits.idle();
  });

  test('sketches of more values than are kept exactly add up over processes', async () => {
    for (let part = 0; part < 3; part++) {
      const spans = Array.from({ length: 2000 }, (_, i) => ({ attributes: { id: `v${part * 1000 + i}` } }));
      await commitBatches(new PostgresRollupStore(dataSource), [batch({ web: spans })]);
    }
    const [row] = await new PostgresUsageStore(dataSource).attributes('default', WINDOW, { key: 'id' }, 10, 0);
    const { distinct, standardError } = row!.values.estimate();
    expect(standardError).toBeGreaterThan(0);
    expect(Math.abs(distinct / 4000 - 1)).toBeLessThan(0.03);
  });

  test('names of all kinds of characters are stored as they are', async () => {
    const key = '日本語.ключ.🙂."quoted".{a,b}.\\back';
    await commitBatches(new PostgresRollupStore(dataSource), [
      batch({ 'сервис, {x}': [{ attributes: { [key]: 'v' } }] }),
    ]);
    const [row] = await new PostgresUsageStore(dataSource).attributes(
      'default',
      WINDOW,
      { location: 'span', key },
      10,
      0,
    );
    expect(row).toMatchObject({ service: 'сервис, {x}', key });
  });
});

describe('sessions', () => {
  test('a sign-in link opens one session; secrets are not in the store', async () => {
    const store = new PostgresSessionStore(dataSource);
    await store.addLink('link-secret', new Date(Date.now() + 60_000));
    await store.addLink('old-secret', new Date(Date.now() - 1));
    const uses = await Promise.all([1, 2, 3].map(() => store.useLink('link-secret')));
    expect(uses.filter(Boolean)).toHaveLength(1);
    expect(await store.useLink('old-secret')).toBeNull();
    await store.open('session-secret', 'admin', new Date(Date.now() + 60_000));
    await store.open('ended-secret', 'admin', new Date(Date.now() - 1));
    const found = await Promise.all(['session-secret', 'ended-secret', 'none'].map((secret) => store.find(secret)));
    expect(found).toEqual([{ subject: 'admin', token: null }, null, null]);
    const rows = JSON.stringify(await dataSource.query('SELECT * FROM session, sign_in_link'));
    expect(rows).not.toMatch(/link-secret|session-secret/);
    await store.sweep();
    await store.close('session-secret');
    expect(await dataSource.query('SELECT * FROM session')).toEqual([]);
  });
});
