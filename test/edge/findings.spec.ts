import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresFindingHistory } from '../../src/edge/store/finding-history.js';
import { type FindingNow, PostgresFindingStore } from '../../src/edge/store/finding-store.js';
import { PostgresRollupStore } from '../../src/edge/store/rollup-store.js';
import type { FindingChange, Resolution } from '../../src/engine/model/finding-state.js';
import { commitBatches } from '../../src/flow/commit.js';
import type { AnalysedBatch } from '../../src/flow/ports.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest } from '../support/otlp.js';
import { newHome } from '../support/service.js';

/*
 * The life of findings in a real PostgreSQL: what people decide, and what spans that come later, earlier, twice or in
 * another order make of it.
 */

const TENANT = 'default';
const NOW = Date.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let findings: PostgresFindingStore;
let history: PostgresFindingHistory;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = await makeDataSource(postgres.url).initialize();
  await migrate(dataSource);
  findings = new PostgresFindingStore(dataSource);
  history = new PostgresFindingHistory(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await dataSource.query('TRUNCATE ledger, finding, finding_event, finding_hourly, finding_day');
});

let batches = 0;

/** A batch with one address for each of the times, in a service. */
function seen(times: readonly number[], service = 'web'): AnalysedBatch {
  const spans = times.map((start) => ({ start, attributes: { note: 'kim@shop.test' } }));
  const request = encodeRequest([{ resource: { 'service.name': service }, spans }]);
  const { rollup, day } = makeAnalyser().analyse(request, 'otlp-protobuf', NOW);
  return { tenant: TENANT, id: (++batches).toString(16).padStart(64, '0'), day, rollup };
}

const commit = (...group: AnalysedBatch[]) => commitBatches(new PostgresRollupStore(dataSource), group);

async function only(): Promise<FindingNow> {
  const rows = await findings.list(TENANT, {}, '-last_seen', 10, null);
  expect(rows).toHaveLength(1);
  return rows[0]!;
}

async function change(fields: FindingChange, version: number | null = null) {
  return history.change(TENANT, [(await only()).id], fields, 'kim', version);
}

const resolve = (resolution: Resolution, expires?: number) => change({ state: 'resolved', resolution, expires });

/** Makes the decision one that was made so long ago. */
async function age(ms: number): Promise<void> {
  await dataSource.query(
    `UPDATE finding SET resolved_at = resolved_at - $1::interval, reopen_after = reopen_after - $1::interval,
       expires_at = expires_at - $1::interval`,
    [`${ms} milliseconds`],
  );
}

async function actions(): Promise<string[]> {
  const events = await history.events(TENANT, (await only()).id, 50, null);
  return events.map((event) => `${event.version} ${event.actor} ${event.action} ${event.state}`);
}

async function standing() {
  const { state, substate, occurrences, version } = await only();
  return { state, substate, occurrences, version };
}

describe('what people decide', () => {
  test('is kept as a history, latest first and in pages', async () => {
    await commit(seen([NOW]));
    expect(await standing()).toEqual({ state: 'open', substate: 'new', occurrences: 1, version: 1 });
    await change({ comment: 'whose is it?' });
    expect(await standing()).toMatchObject({ state: 'open', substate: 'new', version: 2 });
    await change({ state: 'acknowledged' });
    expect(await standing()).toMatchObject({ state: 'acknowledged', substate: 'ongoing', version: 3 });
    const expires = NOW + DAY;
    await change({ state: 'resolved', resolution: 'wont_fix', expires, comment: 'goes away with the old shop' });
    expect(await standing()).toMatchObject({ state: 'resolved', substate: null, version: 4 });
    await change({ state: 'open' });
    expect(await standing()).toMatchObject({ state: 'open', substate: 'ongoing', version: 5 });
    expect(await actions()).toEqual([
      '5 kim reopened open',
      '4 kim resolved resolved',
      '3 kim acknowledged acknowledged',
      '2 kim commented open',
    ]);
    const { id } = await only();
    const first = await history.events(TENANT, id, 2, null);
    const second = await history.events(TENANT, id, 2, first[1]!.version);
    expect([...first, ...second]).toEqual(await history.events(TENANT, id, 50, null));
    expect(first[1]).toMatchObject({ resolution: 'wont_fix', comment: 'goes away with the old shop' });
    expect(first[1]!.expiresAt!.getTime()).toBe(expires);
  });

  test('counts for the version that was looked at only', async () => {
    await commit(seen([NOW]));
    const [first, second] = await Promise.all([
      change({ state: 'acknowledged' }, 1),
      change({ state: 'resolved', resolution: 'false_positive' }, 1),
    ]);
    expect([first, second].filter((result) => result === 'stale')).toHaveLength(1);
    expect(await actions()).toHaveLength(1);
    expect(await change({ comment: 'x' }, 2)).toMatchObject([{ version: 3, isChanged: true }]);
  });

  test('that is so already changes nothing, but a comment is kept', async () => {
    await commit(seen([NOW]));
    await change({ state: 'acknowledged' });
    expect(await change({ state: 'acknowledged' })).toMatchObject([{ version: 2, isChanged: false }]);
    expect(await change({ state: 'acknowledged', comment: 'still' })).toMatchObject([{ version: 3, isChanged: true }]);
    expect(await actions()).toEqual(['3 kim commented acknowledged', '2 kim acknowledged acknowledged']);
  });

  test('holds for all findings that are named or for none', async () => {
    await commit(seen([NOW], 'a'), seen([NOW], 'b'));
    const ids = (await findings.list(TENANT, {}, '-last_seen', 10, null)).map((row) => row.id);
    const nobody = '00000000-0000-8000-8000-000000000000';
    const acknowledge: FindingChange = { state: 'acknowledged' };
    expect(await history.change(TENANT, [...ids, nobody], acknowledge, 'kim', null)).toEqual({ unknown: [nobody] });
    expect(await findings.list(TENANT, { state: 'acknowledged' }, '-last_seen', 10, null)).toEqual([]);
    expect(await history.change('another tenant', ids, acknowledge, 'kim', null)).toMatchObject({ unknown: ids });
    await history.change(TENANT, ids, acknowledge, 'kim', null);
    expect(await findings.list(TENANT, { state: 'acknowledged' }, '-last_seen', 10, null)).toHaveLength(2);
  });
});

describe('what is seen after a resolution', () => {
  test.each(['fixed_at_source', 'redacted_by_policy'] as const)('%s: opens it as regressed', async (resolution) => {
    await commit(seen([NOW - DAY]));
    await resolve(resolution);
    await age(2 * HOUR);
    await commit(seen([NOW - HOUR]));
    expect(await standing()).toEqual({ state: 'open', substate: 'regressed', occurrences: 2, version: 3 });
    expect(await actions()).toEqual(['3 spanwarden regressed open', '2 kim resolved resolved']);
    await change({ state: 'acknowledged' });
    expect(await standing()).toMatchObject({ state: 'acknowledged', substate: 'ongoing' });
  });

  test.each(['false_positive', 'used_in_tests'] as const)('%s: counts on and stays resolved', async (resolution) => {
    await commit(seen([NOW - DAY]));
    await resolve(resolution);
    await age(2 * HOUR);
    await commit(seen([NOW, NOW]));
    expect(await standing()).toEqual({ state: 'resolved', substate: null, occurrences: 3, version: 2 });
  });

  test('within the grace, or before it: counts on and stays resolved', async () => {
    await commit(seen([NOW - DAY]));
    await resolve('fixed_at_source');
    await age(2 * HOUR);
    await commit(seen([NOW - 3 * HOUR]));
    await commit(seen([NOW - 2 * HOUR + 14 * MINUTE]));
    expect(await standing()).toMatchObject({ state: 'resolved', occurrences: 3, version: 2 });
    await commit(seen([NOW - 2 * HOUR + 16 * MINUTE]));
    expect(await standing()).toMatchObject({ state: 'open', substate: 'regressed', version: 3 });
  });

  test('wont_fix: stays resolved until it expires; after that it is regressed', async () => {
    await commit(seen([NOW - DAY]));
    await resolve('wont_fix', NOW + HOUR);
    await commit(seen([NOW]));
    expect(await standing()).toMatchObject({ state: 'resolved', occurrences: 2 });
    await age(2 * HOUR);
    await commit(seen([NOW - 90 * MINUTE]));
    expect(await standing()).toMatchObject({ state: 'resolved', occurrences: 3 });
    await commit(seen([NOW - MINUTE]));
    expect(await standing()).toMatchObject({ state: 'open', substate: 'regressed', occurrences: 4 });
    expect(await history.expire()).toBe(0);
  });

  test('wont_fix that expires without being seen is open, and regressed when it is', async () => {
    await commit(seen([NOW - DAY]));
    await resolve('wont_fix', NOW + HOUR);
    expect(await history.expire()).toBe(0);
    await age(2 * HOUR);
    expect(await history.expire()).toBe(1);
    expect(await history.expire()).toBe(0);
    expect(await standing()).toEqual({ state: 'open', substate: 'ongoing', occurrences: 1, version: 3 });
    await commit(seen([NOW - MINUTE]));
    expect(await standing()).toMatchObject({ state: 'open', substate: 'regressed', version: 4 });
    expect(await actions()).toEqual([
      '4 spanwarden regressed open',
      '3 spanwarden expired open',
      '2 kim resolved resolved',
    ]);
  });

  test('every order, grouping and repetition of the batches leaves the same', async () => {
    const parts = (): AnalysedBatch[] => [
      seen([NOW - 3 * HOUR, NOW - 3 * HOUR]),
      seen([NOW - HOUR, NOW - 5 * DAY]),
      seen([NOW - 2 * MINUTE]),
    ];
    const orders = [
      [[0], [1], [2]],
      [[2], [1], [0]],
      [[1, 0], [2]],
      [[2, 1, 0]],
      [[0, 2], [1, 2], [0]],
      [[1], [1, 2], [2, 0]],
    ];
    const results: unknown[] = [];
    for (const order of orders) {
      await dataSource.query('TRUNCATE ledger, finding, finding_event, finding_hourly, finding_day');
      await commit(seen([NOW - 6 * DAY]));
      await resolve('fixed_at_source');
      await age(2 * HOUR);
      const made = parts();
      for (const group of order) await commit(...group.map((i) => made[i]!));
      const { id, firstSeen, lastSeen } = await only();
      const [hours, days] = await Promise.all([
        findings.hours(TENANT, id, 500),
        dataSource.query('SELECT day::text, occurrences FROM finding_day ORDER BY day'),
      ]);
      const counts = hours.map(({ hour, occurrences }) => [hour.getTime(), occurrences]);
      results.push({ ...(await standing()), firstSeen, lastSeen, counts, days, actions: await actions() });
    }
    for (const result of results) expect(result).toEqual(results[0]);
    expect(results[0]).toMatchObject({ state: 'open', substate: 'regressed', occurrences: 6, version: 3 });
  });

  test('processes that commit at once open it once', async () => {
    await commit(seen([NOW - DAY]));
    await resolve('fixed_at_source');
    await age(2 * HOUR);
    await Promise.all(Array.from({ length: 8 }, (_, i) => commit(seen([NOW - i * MINUTE]))));
    expect(await standing()).toEqual({ state: 'open', substate: 'regressed', occurrences: 9, version: 3 });
    expect(await actions()).toHaveLength(2);
  });

  test('a decision and a commit at once both count', async () => {
    await commit(seen([NOW - DAY]));
    await Promise.all([resolve('fixed_at_source'), ...Array.from({ length: 8 }, () => commit(seen([NOW])))]);
    expect(await standing()).toEqual({ state: 'resolved', substate: null, occurrences: 9, version: 2 });
  });
});

describe('what time makes of it', () => {
  const days = (n: number, each: number): number[] =>
    Array.from({ length: n * each }, (_, i) => NOW - (Math.floor(i / each) + 2) * DAY);
  const hours = (n: number): number[] => Array.from({ length: n }, (_, i) => NOW - (i % 20) * HOUR);

  test.each([
    ['a first day is new, however much it has', hours(50), 'new'],
    ['seen for a week and not more than before', [...days(7, 10), ...hours(10)], 'ongoing'],
    ['three times a mean day', [...days(7, 10), ...hours(30)], 'escalating'],
    ['a little less than that', [...days(7, 10), ...hours(29)], 'ongoing'],
    ['many times a mean day, but fewer than ten', [...days(7, 1), ...hours(9)], 'ongoing'],
    ['ten after a quiet week', [NOW - 20 * DAY, ...hours(10)], 'escalating'],
    ['the mean is that of the days since it was first seen', [...days(2, 10), ...hours(20)], 'new'],
    ['a finding of two days escalates like others', [...days(2, 10), ...hours(31)], 'escalating'],
    ['an old one that is seen no more', days(9, 40), 'ongoing'],
  ] as const)('%s', async (_, times, substate) => {
    await commit(seen([...times]));
    expect((await only()).substate).toBe(substate);
    expect(await findings.list(TENANT, { substate }, 'severity', 10, null)).toHaveLength(1);
    expect((await findings.counts(TENANT)).substates).toMatchObject({ [substate]: 1 });
  });

  test('counts are by state, severity and substate', async () => {
    await commit(seen([NOW], 'a'), seen([NOW], 'b'), seen([NOW], 'c'));
    const [a, b] = await findings.list(TENANT, {}, '-last_seen', 10, null);
    await history.change(TENANT, [a!.id], { state: 'acknowledged' }, 'kim', null);
    await history.change(TENANT, [b!.id], { state: 'resolved', resolution: 'false_positive' }, 'kim', null);
    const { states, substates } = await findings.counts(TENANT);
    expect([states.open, states.acknowledged, states.resolved].map((counts) => counts.medium)).toEqual([1, 1, 1]);
    expect(substates).toEqual({ new: 1, ongoing: 1, escalating: 0, regressed: 0 });
  });
});
