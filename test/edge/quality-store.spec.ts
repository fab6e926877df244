import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresQualityStore } from '../../src/edge/store/quality-store.js';
import { PostgresUsageStore } from '../../src/edge/store/usage-store.js';
import { type QualitySink, TraceAudits } from '../../src/flow/audit.js';
import type { AnalysedBatch } from '../../src/flow/ports.js';
import { type JudgedIndicator, judgeQuality } from '../../src/flow/quality.js';
import { callEdges, operations } from '../../src/flow/quality-lists.js';
import { newHome } from '../support/service.js';
import { factsOf, type PlainSpan, T0 } from '../support/traces.js';

const WINDOW = { from: new Date(T0 - 3_600_000), to: new Date(T0 + 7_200_000) };
const SECOND = 1_000;
const MODEL = {
  ...{ id: 'free', name: 'Free', asOf: '2026-11-01', confirmed: false, currency: 'USD', unit: 'GB', meters: [] },
  ...{ marginalPricePerUnit: 0, sources: [] },
} as unknown as Parameters<typeof judgeQuality>[2]['model'];

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let store: PostgresQualityStore;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
  store = new PostgresQualityStore(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await dataSource.query('TRUNCATE quality_hourly');
});

const orphaned = (trace: number): PlainSpan[] => [
  { trace, id: 1, kind: 2, name: 'GET /' },
  { trace, id: 2, parent: 1 },
  { trace, id: 3, parent: 99 },
];

function batch(traces: readonly number[], receivedAt = T0 + SECOND): AnalysedBatch {
  const rollup = { usage: [], attributes: [], spanNames: [], services: [], findings: [] };
  const facts = factsOf(traces.flatMap(orphaned));
  return { tenant: 'default', id: '', day: '', rollup, audit: { facts, receivedAt } };
}

const WEB = new Set(['web']);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const process = (startedAt: number, sink = store.sink(new Date(startedAt))) => new TraceAudits(sink, startedAt);

async function judged(mode: 'auto' | 'whole' = 'auto'): Promise<Map<string, JudgedIndicator['judgement']>> {
  const sources = { quality: store, usage: new PostgresUsageStore(dataSource), model: MODEL, mode, now: new Date(T0) };
  const rows = await judgeQuality('default', { window: WINDOW, groupBy: 'total' }, sources);
  return new Map(rows.map(({ indicator, judgement }) => [indicator.id, judgement]));
}

describe('counts of traces', () => {
  test('are written anew as they grow, and read as they are', async () => {
    const audits = process(T0 - 1);
    audits.counted(batch(range(0, 20)), WEB);
    await audits.save(T0 + 40 * SECOND);
    audits.counted(batch(range(20, 40), T0 + 41 * SECOND), WEB);
    await audits.save(T0 + 80 * SECOND);
    await audits.save(T0 + 85 * SECOND);
    const found = await judged();
    expect(found.get('orphan_traces')).toMatchObject({ verdict: 'fail', value: 1, n: 40 });
    expect(await operations('default', WINDOW, { service: 'web' }, store)).toMatchObject([
      { operation: 'GET /', kind: 'internal', spans: 80, roots: 0 },
      { operation: 'GET /', kind: 'server', spans: 40, roots: 40 },
    ]);
    expect(await callEdges('default', WINDOW, {}, store)).toEqual([]);
    const [{ parts }] = await dataSource.query('SELECT count(DISTINCT part)::int AS parts FROM quality_hourly');
    expect(parts).toBe(1);
  });

  test('of two processes at once are no evidence of whole traces, of one after the other they are', async () => {
    const [one, other] = [process(T0 - 1), process(T0 - 1)];
    one.counted(batch(range(0, 40)), WEB);
    other.counted(batch(range(40, 80)), WEB);
    await Promise.all([one, other].map((audits) => audits.save(T0 + 60 * SECOND)));
    const split = await judged();
    expect(split.get('orphan_traces')).toMatchObject({
      verdict: 'insufficient_evidence',
      reason: 'traces may be split between processes',
    });
    expect(split.get('ingest_lag_p95')).toMatchObject({ verdict: 'pass', n: 240 });
    expect((await judged('whole')).get('orphan_traces')).toMatchObject({ verdict: 'fail', n: 80 });

    await dataSource.query('TRUNCATE quality_hourly');
    const before = process(T0 - 1);
    before.counted(batch(range(0, 40)), WEB);
    await before.close(T0 + 60 * SECOND);
    const after = process(T0 + 61 * SECOND);
    after.counted(batch(range(40, 80), T0 + 62 * SECOND), WEB);
    await after.save(T0 + 120 * SECOND);
    // The spans of the second process began before it did: what it has may be parts.
    expect((await judged()).get('orphan_traces')).toMatchObject({ value: 0.5, n: 80 });
  });

  test('that could not be written come with the next ones', async () => {
    const good = store.sink(new Date(T0 - 1));
    let isDown = true;
    const sink: QualitySink = {
      save: (tenant, rows) => (isDown ? Promise.reject(new Error('no database')) : good.save(tenant, rows)),
    };
    const audits = process(T0 - 1, sink);
    audits.counted(batch(range(0, 40)), WEB);
    await expect(audits.save(T0 + 60 * SECOND)).rejects.toThrow('no database');
    expect((await judged()).get('orphan_traces')).toBeUndefined();
    isDown = false;
    await audits.save(T0 + 65 * SECOND);
    expect((await judged()).get('orphan_traces')).toMatchObject({ verdict: 'fail', n: 40 });
  });

  test('an hour that was let go and comes again is a part of its own', async () => {
    const audits = process(T0 - 1);
    audits.counted(batch(range(0, 30)), WEB);
    await audits.save(T0 + 4 * 3_600_000);
    audits.counted(batch(range(30, 60), T0 + 4 * 3_600_000), WEB);
    await audits.save(T0 + 5 * 3_600_000);
    const parts = await dataSource.query('SELECT DISTINCT part FROM quality_hourly WHERE service = $1', ['web']);
    expect(parts.length).toBeGreaterThan(1);
    expect((await judged()).get('orphan_traces')).toMatchObject({ n: 60 });
  });

  test('services that stopped sending are silent, those that never sent much are not', async () => {
    const now = new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000 + 1_800_000);
    const spans = (service: string, hoursAgo: readonly number[]) =>
      dataSource.query(
        `INSERT INTO usage_hourly SELECT 'default', 1, date_trunc('hour', $2::timestamptz) - h * interval '1 hour',
           gen_random_uuid(), $1, '', 1, 0, 1, 0 FROM unnest($3::int[]) AS h`,
        [service, now, hoursAgo],
      );
    await spans('steady', range(0, 26));
    await spans('stopped', range(3, 26));
    await spans('nightly', range(20, 24));
    expect(await store.silentServices('default', now)).toEqual({
      silent: new Set(['stopped']),
      all: new Set(['steady', 'stopped', 'nightly']),
    });
    await dataSource.query('TRUNCATE usage_hourly');
  });
});
