import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { AttributeDays } from '../../src/edge/store/attribute-days.js';
import { PostgresAttributeStore } from '../../src/edge/store/attribute-store.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresFindingHistory } from '../../src/edge/store/finding-history.js';
import { PostgresFindingStore } from '../../src/edge/store/finding-store.js';
import { PostgresRollupStore } from '../../src/edge/store/rollup-store.js';
import { PostgresUsageStore } from '../../src/edge/store/usage-store.js';
import type { UsagePart } from '../../src/engine/cost/usage-estimate.js';
import type { StoredFinding } from '../../src/engine/policy/suggest.js';
import { attributeCard } from '../../src/flow/attribute-card.js';
import { judgeAttributes } from '../../src/flow/cardinality.js';
import { commitBatches } from '../../src/flow/commit.js';
import type { RollupStore, Window } from '../../src/flow/ports.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest, type TestSpan } from '../support/otlp.js';
import { newHome } from '../support/service.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Two hours after midnight: the hours of this day and of the days before are apart. */
const NOW = Math.floor(Date.now() / DAY) * DAY + 2 * HOUR;
const TODAY = new Date(NOW - 2 * HOUR);
const WINDOW = { from: new Date(NOW - 7 * DAY), to: new Date(NOW + HOUR) };

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let usage: PostgresUsageStore;
let attributes: PostgresAttributeStore;
let findings: PostgresFindingStore;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
  usage = new PostgresUsageStore(dataSource);
  attributes = new PostgresAttributeStore(dataSource);
  findings = new PostgresFindingStore(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  const tables: { tablename: string }[] = await dataSource.query(
    `SELECT tablename FROM pg_tables
     WHERE schemaname = 'public' AND tablename NOT IN ('migrations', 'tenant', 'audit_event')`,
  );
  await dataSource.query(`TRUNCATE ${tables.map(({ tablename }) => tablename).join(', ')}`);
});

let batches = 0;

/** Commits spans of a service at a time, through a store that is one process. */
async function commit(store: RollupStore, service: string, at: number, spans: readonly TestSpan[]): Promise<void> {
  const body = encodeRequest([
    { resource: { 'service.name': service }, spans: spans.map((span) => ({ start: at, ...span })) },
  ]);
  const { rollup, day } = makeAnalyser().analyse(body, 'otlp-protobuf', Math.max(at, NOW));
  await commitBatches(store, [{ tenant: 'default', id: (++batches).toString(16).padStart(64, '0'), day, rollup }]);
}

const values = (key: string, from: number, n: number, of = n): TestSpan[] =>
  Array.from({ length: n }, (_, i) => ({ attributes: { [key]: `v-${from + (i % of)}` } }));

async function totals(key: string) {
  const rows = await usage.attributes('default', WINDOW, { key }, 10, 0);
  return rows.map((row) => ({
    ...{ service: row.service, observations: row.observations, bytes: row.bytes, types: row.types },
    ...{ shapes: row.shapes, distinct: row.values.estimate().distinct },
  }));
}

async function partsOfWeb(window: Window): Promise<UsagePart[]> {
  const [row] = await usage.parts('default', window, 'attribute');
  return [...row!.parts].sort((a, b) => (a.group < b.group ? -1 : 1));
}

const hourlyRows = async (): Promise<number> =>
  Number((await dataSource.query('SELECT count(*) AS n FROM attribute_hourly WHERE key = $1', ['id']))[0].n);
const dailyRows = async (): Promise<number> =>
  Number((await dataSource.query('SELECT count(*) AS n FROM attribute_daily WHERE key = $1', ['id']))[0].n);

describe('days', () => {
  test('past hours are folded into their day, and nothing is counted twice or lost', async () => {
    for (let part = 0; part < 3; part++) {
      const store = new PostgresRollupStore(dataSource);
      await commit(store, 'web', NOW - DAY - part * HOUR, values('id', part * 500, 1000));
      await commit(store, 'web', NOW - 3 * DAY, values('id', part * 500, 1000));
      await commit(store, 'web', NOW, values('id', 0, 10));
    }
    const before = await totals('id');
    expect(before).toMatchObject([{ observations: 6030, shapes: expect.arrayContaining(['a-9{3}', 'a-9{4}']) }]);
    expect(Math.abs(before[0]!.distinct / 2000 - 1)).toBeLessThan(0.03);
    const days = new AttributeDays(dataSource);
    const parts = await partsOfWeb(WINDOW);
    expect(parts).toContainEqual({ group: 'id', observations: 6030, bytes: before[0]!.bytes });
    await days.fold('default', TODAY);
    expect(await totals('id')).toEqual(before);
    expect(await partsOfWeb(WINDOW)).toEqual(parts);
    // Half of a day of which nothing but the sum is known.
    const noon = { from: new Date(TODAY.getTime() - 3 * DAY), to: new Date(TODAY.getTime() - 2.5 * DAY) };
    expect(await partsOfWeb(noon)).toContainEqual(expect.objectContaining({ group: 'id', observations: 1500 }));
    expect([await hourlyRows(), await dailyRows()]).toEqual([3, 2]);
    expect(await days.fold('default', TODAY)).toBe(0);
    expect(await totals('id')).toEqual(before);
  });

  test('what comes late for a folded day is added to it, also by a process that knew its sketch', async () => {
    const store = new PostgresRollupStore(dataSource);
    const days = new AttributeDays(dataSource);
    const late = NOW - 2 * DAY;
    await commit(store, 'web', late, values('id', 0, 100));
    await days.fold('default', TODAY);
    // The first says nothing new, so the row that it makes has no sketch.
    await commit(store, 'web', late, values('id', 0, 50));
    expect(await totals('id')).toMatchObject([{ observations: 150, distinct: 100 }]);
    await days.fold('default', TODAY);
    await commit(store, 'web', late, values('id', 90, 20));
    await commit(new PostgresRollupStore(dataSource), 'web', late, values('id', 200, 5));
    await days.fold('default', TODAY);
    expect(await totals('id')).toMatchObject([{ observations: 175, distinct: 115 }]);
    expect([await hourlyRows(), await dailyRows()]).toEqual([0, 1]);
  });

  test('several at once, while spans come in, lose nothing', async () => {
    const stores = [new PostgresRollupStore(dataSource), new PostgresRollupStore(dataSource)];
    const days = new AttributeDays(dataSource);
    const sending = stores.map(async (store, n) => {
      for (let i = 0; i < 20; i++) {
        await commit(store, `web-${i % 3}`, NOW - DAY - (i % 5) * HOUR, values('id', (n * 20 + i) * 10, 10));
      }
    });
    const folding = [1, 2].map(async () => {
      for (let i = 0; i < 15; i++) await days.fold('default', TODAY);
    });
    await Promise.all([...sending, ...folding]);
    await days.fold('default', TODAY);
    const sums = await totals('id');
    expect(sums.reduce((sum, row) => sum + row.observations, 0)).toBe(400);
    expect(sums.reduce((sum, row) => sum + row.distinct, 0)).toBe(400);
    expect(await hourlyRows()).toBe(0);
  });
});

describe('judging', () => {
  const judge = (now = NOW) =>
    judgeAttributes('default', new Date(now), {
      ...{ attributes, usage, findings },
      rollups: new PostgresRollupStore(dataSource),
    });
  const found = async (): Promise<StoredFinding[]> =>
    (await findings.open('default', 100)).filter(({ kind }) => kind === 'cardinality');
  const classOf = async (key: string): Promise<string[]> =>
    (await usage.attributes('default', WINDOW, { key, location: 'span' }, 10, 0)).map((row) => row.growthClass);

  /** Two hours of a service with an attribute of each class. */
  async function traffic(at = NOW): Promise<void> {
    const store = new PostgresRollupStore(dataSource);
    for (const [hour, spans] of [1500, 3000].entries()) {
      const attributesOf = (i: number) => ({
        ...{ fixed: 'same', method: `m${i % 4}`, product: `p${i % 400}` },
        ...{ 'session.id': `${at} ${hour} ${i}`, 'http.route': `/orders/${hour}${i}` },
        ...(i < 100 && { rare: 'x' }),
      });
      const list = Array.from({ length: spans }, (_, i) => ({ attributes: attributesOf(i) }));
      await commit(store, 'web', at - HOUR + hour * HOUR, list);
    }
  }

  test('gives each attribute its class, and finds what is unbounded, once a day however often it runs', async () => {
    await traffic();
    expect(await judge()).toBeGreaterThanOrEqual(6);
    expect({
      ...{ fixed: await classOf('fixed'), method: await classOf('method'), product: await classOf('product') },
      ...{ session: await classOf('session.id'), rare: await classOf('rare') },
    }).toEqual({
      ...{ fixed: ['constant'], method: ['enum'], product: ['bounded'] },
      ...{ session: ['unbounded'], rare: ['insufficient_evidence'] },
    });
    const rules = async () => (await found()).map((f) => `${f.detector} ${f.key} ${f.occurrences}`).sort();
    const expected = [
      'budget_exceeded http.route 1',
      'low_cardinality_violated http.route 1',
      'unbounded_growth session.id 1',
    ];
    expect(await rules()).toEqual(expected);
    await judge();
    await Promise.all([judge(), judge()]);
    expect(await rules()).toEqual(expected);
    await judge(NOW + DAY);
    expect(await rules()).toEqual(expected.map((rule) => rule.replace(/1$/, '2')));
    const narrowed = await usage.attributes('default', WINDOW, { growthClass: 'unbounded' }, 10, 0);
    expect(narrowed.map((row) => row.key).sort()).toEqual(['http.route', 'session.id']);
  });

  test('a budget that a team set is held against its services', async () => {
    await traffic();
    await usage.assign('default', [{ service: 'web', source: 'mapping', team: 'front', validFrom: new Date(0) }], 'jo');
    await attributes.setBudget('default', { team: 'front', service: null, key: 'product', maxDistinct: 300 }, 'jo');
    await attributes.setBudget('default', { team: 'back', service: null, key: 'method', maxDistinct: 1 }, 'jo');
    await judge();
    expect(
      (await found())
        .filter((f) => f.detector === 'budget_exceeded')
        .map((f) => f.key)
        .sort(),
    ).toEqual(['http.route', 'product']);
  });

  test('a resolved finding stays so, until what came after it is unbounded again', async () => {
    await traffic(NOW - 2 * HOUR);
    await judge();
    const [finding] = (await found()).filter((f) => f.key === 'session.id');
    const history = new PostgresFindingHistory(dataSource);
    await history.change('default', [finding!.id], { state: 'resolved', resolution: 'fixed_at_source' }, 'jo', null);
    await dataSource.query(
      `UPDATE finding SET resolved_at = $1, reopen_after = $1, last_seen = $2 WHERE key = 'session.id'`,
      [new Date(NOW - 2 * HOUR + 60_000), new Date(NOW - 2 * HOUR)],
    );
    const open = async () => (await found()).filter((f) => f.key === 'session.id').length;
    await dataSource.query('TRUNCATE ledger');
    await judge();
    expect(await open()).toBe(0);
    await traffic();
    await judge(NOW + DAY);
    expect(await open()).toBe(1);
  });

  test('the card of an attribute says how it grew, and what to do', async () => {
    await traffic();
    const facts = { isSensitive: false, isKnown: false };
    const card = async (key: string) =>
      attributeCard('default', { service: 'web', key }, WINDOW, facts, { attributes, usage });
    const session = (await card('session.id'))!;
    expect(session.growth).toMatchObject({ class: 'unbounded' });
    expect(session.growth.rate!.low).toBeGreaterThan(0.9);
    expect(session.days.reduce((sum, day) => sum + day.newValues, 0)).toBe(session.distinct);
    expect(session.shareOfSpans).toBe(1);
    expect(session.suggestions.map((s) => s.action)).toEqual(['drop']);
    expect((await card('http.route'))!.suggestions.map((s) => s.action)).toContain('template');
    const fixed = (await card('fixed'))!;
    expect(fixed.suggestions).toMatchObject([{ action: 'move_to_resource', savedBytes: fixed.bytes }]);
    expect((await card('rare'))!.growth.class).toBe('insufficient_evidence');
    await new AttributeDays(dataSource).fold('default', new Date(NOW + DAY));
    expect((await card('session.id'))!.observations).toBe(session.observations);
  });
});

describe('memory for sketches', () => {
  test('a process that forgets its sketches begins new parts, and the sum stays the same', async () => {
    const store = new PostgresRollupStore(dataSource, 20_000);
    for (let i = 0; i < 12; i++) await commit(store, `web-${i % 4}`, NOW, values('id', i * 60, 100));
    const parts = await dataSource.query(`SELECT count(DISTINCT part) AS n FROM attribute_hourly WHERE key = 'id'`);
    expect(Number(parts[0].n)).toBeGreaterThan(1);
    expect(await totals('id')).toHaveLength(4);
    for (const row of await totals('id')) expect(row).toMatchObject({ observations: 300, distinct: 300 });
  });
});
