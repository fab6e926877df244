import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresEvidenceStore } from '../../src/edge/store/evidence-store.js';
import { PostgresFindingHistory } from '../../src/edge/store/finding-history.js';
import { PostgresFindingStore } from '../../src/edge/store/finding-store.js';
import { PostgresRollupStore } from '../../src/edge/store/rollup-store.js';
import { PLAIN_SOURCE, type Source } from '../../src/engine/model/evidence.js';
import type { Resolution } from '../../src/engine/model/finding-state.js';
import { POLICY_REVISION } from '../../src/engine/model/own-keys.js';
import { commitBatches } from '../../src/flow/commit.js';
import type { AnalysedBatch } from '../../src/flow/ports.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest, type TestResource } from '../support/otlp.js';
import { newHome } from '../support/service.js';

/*
 * What spans that came through collectors say of policies, in a real PostgreSQL: counted once, by where they came from.
 */

const TENANT = 'default';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The middle of a minute of an hour, so that steps of time are known. */
const NOW = Math.floor(Date.now() / HOUR) * HOUR - 2 * HOUR + 10 * MINUTE + 30_000;
const REVISIONS = ['0123456789ab', 'fedcba987654'] as const;

const BEFORE: Source = { collector: 'gw-1', tap: 'before', isCounted: true };
const AFTER: Source = { collector: 'gw-1', tap: 'after', isCounted: false };
const ONLY: Source = { collector: 'gw-1', tap: 'after', isCounted: true };

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let evidence: PostgresEvidenceStore;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = await makeDataSource(postgres.url).initialize();
  await migrate(dataSource);
  evidence = new PostgresEvidenceStore(dataSource);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await dataSource.query(
    'TRUNCATE ledger, usage_hourly, finding, finding_event, finding_hourly, finding_day, span_evidence, match_evidence',
  );
});

const analyser = makeAnalyser();
let batches = 0;

/** Spans with and without an address in them. */
function sent({ leaks = 1, clean = 0, revision = '', service = 'shop', at = NOW } = {}): TestResource {
  const span = (attributes: TestResource['resource']) => ({ start: at, name: 'pay', attributes: attributes ?? {} });
  return {
    resource: { 'service.name': service, ...(revision !== '' && { [POLICY_REVISION]: revision }) },
    spans: [
      ...Array.from({ length: leaks }, () => span({ note: 'kim@shop.test' })),
      ...Array.from({ length: clean }, () => span({ note: 'nothing' })),
    ],
  };
}

function batch(resources: TestResource[], source: Source = PLAIN_SOURCE, receivedAt = NOW): AnalysedBatch {
  const analysis = analyser.analyse(encodeRequest(resources), 'otlp-protobuf', receivedAt, source);
  const { rollup, day } = analysis;
  const received = { source: analysis.source, receivedAt, evidence: analysis.evidence };
  return { tenant: TENANT, id: (++batches).toString(16).padStart(64, '0'), day, rollup, received };
}

const commit = (...group: AnalysedBatch[]) => commitBatches(new PostgresRollupStore(dataSource), group);
const window = { since: new Date(NOW - DAY), until: new Date(NOW + DAY) };

async function spans(services = ['shop'], over = window) {
  const rows = await evidence.spans(TENANT, { services, ...over });
  return rows.map((row) => `${row.service} ${row.collector}/${row.tap}/${row.revision} ${row.spans}`);
}

async function matches(over = window) {
  const rows: { id: string; detector: string }[] = await dataSource.query('SELECT id, detector FROM finding');
  const names = new Map(rows.map(({ id, detector }) => [id, detector]));
  const found = await evidence.matches(TENANT, { findings: rows.map(({ id }) => id), ...over });
  return found.map((row) => `${names.get(row.finding)} ${row.collector}/${row.tap}/${row.revision} ${row.matches}`);
}

async function usage(): Promise<number> {
  const [row] = await dataSource.query('SELECT coalesce(sum(spans), 0)::int AS n FROM usage_hourly');
  return row.n;
}

async function finding() {
  const [row] = await dataSource.query("SELECT * FROM finding WHERE detector = 'email'");
  return row;
}

describe('evidence', () => {
  test('says which collector, tap and policies spans and matches came through, once', async () => {
    const first = batch([sent({ leaks: 2, clean: 3, revision: REVISIONS[0] })], ONLY);
    await commit(first);
    await commit(first, first);
    await commit(batch([sent({ leaks: 1, clean: 1 })]));
    const other = { ...ONLY, collector: 'gw-2' };
    await commit(batch([sent({ leaks: 0, clean: 4, revision: REVISIONS[1] })], other));
    expect(await spans()).toEqual([
      'shop // 2',
      `shop gw-1/after/${REVISIONS[0]} 5`,
      `shop gw-2/after/${REVISIONS[1]} 4`,
    ]);
    expect(await matches()).toEqual(['email // 1', `email gw-1/after/${REVISIONS[0]} 2`]);
    expect(await usage()).toBe(11);
  });

  test('tells revisions in one request apart, and totals are those of all', async () => {
    const one = batch(
      [
        sent({ leaks: 2, revision: REVISIONS[0] }),
        sent({ leaks: 0, clean: 5, revision: REVISIONS[1] }),
        sent({ leaks: 1, revision: REVISIONS[1] }),
        sent({ leaks: 3, revision: 'Not A Revision' }),
      ],
      ONLY,
    );
    await commit(one);
    expect(await spans()).toEqual([
      'shop gw-1/after/ 3',
      `shop gw-1/after/${REVISIONS[0]} 2`,
      `shop gw-1/after/${REVISIONS[1]} 6`,
    ]);
    expect(await matches()).toEqual([
      'email gw-1/after/ 3',
      `email gw-1/after/${REVISIONS[0]} 2`,
      `email gw-1/after/${REVISIONS[1]} 1`,
    ]);
    expect(await usage()).toBe(11);
    expect((await finding()).occurrences).toBe('6');
  });

  test('of a batch of which a service was counted before adds only the others', async () => {
    const first = batch([sent({ service: 'a' })], ONLY);
    const both = batch([sent({ service: 'a' }), sent({ service: 'b' })], ONLY);
    await commit(first);
    await commit({ ...both, id: first.id });
    expect(await spans(['a', 'b'])).toEqual(['a gw-1/after/ 1', 'b gw-1/after/ 1']);
    expect(await matches()).toEqual(['email gw-1/after/ 1', 'email gw-1/after/ 1']);
  });

  test('is asked by time: spans never say too much, matches never too little', async () => {
    await commit(batch([sent({ clean: 1 })], ONLY, NOW - 5 * MINUTE), batch([sent({ clean: 1 })], ONLY, NOW));
    const between = { since: new Date(NOW - 10_000), until: new Date(NOW + MINUTE) };
    expect(await spans(['shop'], between)).toEqual([]);
    expect(await matches(between)).toEqual(['email gw-1/after/ 1']);
    expect(await spans(['shop'], { ...between, since: new Date(NOW - MINUTE) })).toEqual(['shop gw-1/after/ 2']);
    const id = (await finding()).id;
    expect(await evidence.matches(TENANT, { findings: [id], ...window })).toEqual([
      {
        finding: id,
        collector: 'gw-1',
        tap: 'after',
        revision: '',
        matches: 2,
        first: new Date(NOW - 5 * MINUTE),
        last: new Date(NOW),
      },
    ]);
    expect(await matches({ since: new Date(NOW + 1), until: new Date(NOW + DAY) })).toEqual([]);
  });

  test('becomes counts of hours after a day, and is gone after 35', async () => {
    for (const minutes of [1, 2, 3]) await commit(batch([sent()], ONLY, NOW - 2 * DAY + minutes * MINUTE));
    await commit(batch([sent()], ONLY, NOW - 36 * DAY));
    await commit(batch([sent()], ONLY));
    const rows = async (table: string) => (await dataSource.query(`SELECT * FROM ${table}`)).length;
    expect([await rows('span_evidence'), await rows('match_evidence')]).toEqual([5, 5]);
    await evidence.sweep();
    await evidence.sweep();
    expect([await rows('span_evidence'), await rows('match_evidence')]).toEqual([2, 2]);
    const long = { since: new Date(NOW - 3 * DAY), until: new Date(NOW + DAY) };
    expect(await spans(['shop'], long)).toEqual(['shop gw-1/after/ 4']);
    expect(await matches(long)).toEqual(['email gw-1/after/ 4']);
    const late = await dataSource.query('SELECT first_at, last_at FROM match_evidence ORDER BY start LIMIT 1');
    expect(late).toEqual([
      { first_at: new Date(NOW - 2 * DAY + MINUTE), last_at: new Date(NOW - 2 * DAY + 3 * MINUTE) },
    ]);
  });

  test('of names is kept by the hour', async () => {
    for (const minutes of [0, 1, 2]) {
      const spans_ = [{ start: NOW, name: 'pay', attributes: { 'Bad Key': minutes } }];
      const resources = [{ resource: { 'service.name': 'shop' }, spans: spans_ }];
      await commit(batch(resources, ONLY, NOW + minutes * MINUTE));
    }
    const rows = await dataSource.query('SELECT DISTINCT start, matches FROM match_evidence');
    expect(rows).toEqual([{ start: new Date(NOW - (NOW % HOUR)), matches: '3' }]);
  });

  test('is kept for so many collectors and revisions a day; the others are one', async () => {
    const fresh = makeAnalyser();
    const names = new Set<string>();
    for (let i = 0; i < 700; i++) {
      const source = { ...ONLY, collector: `gw-${i}` };
      const body = encodeRequest([sent({ revision: i.toString(16).padStart(12, '0') })]);
      const { evidence: found, source: kept } = fresh.analyse(body, 'otlp-protobuf', NOW, source);
      names.add(`collector ${kept.collector}`);
      names.add(`revision ${found.spans[0]!.revision}`);
      expect(found.spans[0]!.revision).toBe(found.matches[0]!.revision);
    }
    expect(names.size).toBe(2 * 501);
    expect(names).toContain('collector {overflow}');
    const next = fresh.analyse(encodeRequest([sent()]), 'otlp-protobuf', NOW + DAY, { ...ONLY, collector: 'gw-699' });
    expect(next.source.collector).toBe('gw-699');
  });

  test('names no collector that a detector finds something in', () => {
    const source = { ...ONLY, collector: 'ghp_16C7e42F292c6912E7710c838347Ae178B4a' };
    const { source: kept } = makeAnalyser().analyse(encodeRequest([sent()]), 'otlp-protobuf', NOW, source);
    expect(kept.collector).not.toContain('16C7e42F');
  });

  test('what spanwarden writes on spans itself gets no finding, not even beside bad names', () => {
    const resources = [sent({ leaks: 0, clean: 1, revision: REVISIONS[0] })];
    const { rollup } = makeAnalyser().analyse(encodeRequest(resources), 'otlp-protobuf', NOW);
    expect(rollup.attributes.map(({ key }) => key)).toContain(POLICY_REVISION);
    expect(rollup.findings.filter(({ key }) => key.startsWith('spanwarden.'))).toEqual([]);
  });
});

describe('two copies of the same spans', () => {
  const orders: [string, (copies: AnalysedBatch[]) => AnalysedBatch[]][] = [
    ['in their order', (copies) => copies],
    ['the other way around', (copies) => [...copies].reverse()],
  ];

  test.each(orders)('are counted once, and each is evidence: %s', async (_, order) => {
    const copies = [
      batch([sent({ leaks: 2, clean: 1 })], BEFORE),
      batch([sent({ leaks: 1, clean: 2, revision: REVISIONS[0] })], AFTER),
    ];
    for (const copy of order(copies)) await commit(copy);
    expect(await usage()).toBe(3);
    expect((await finding()).occurrences).toBe('2');
    const [hours] = await dataSource.query('SELECT sum(occurrences)::int AS n FROM finding_hourly');
    expect(hours.n).toBe(2);
    expect(await spans()).toEqual([`shop gw-1/after/${REVISIONS[0]} 3`, 'shop gw-1/before/ 3']);
    expect(await matches()).toEqual([`email gw-1/after/${REVISIONS[0]} 1`, 'email gw-1/before/ 2']);
  });

  test('a second copy adds to nothing else either', () => {
    const {
      rollup,
      facts,
      evidence: found,
    } = makeAnalyser().analyse(encodeRequest([sent({ leaks: 2 })]), 'otlp-protobuf', NOW, AFTER);
    expect(rollup).toMatchObject({ usage: [], attributes: [], spanNames: [], services: [] });
    expect(rollup.findings.map(({ occurrences, hours }) => [occurrences, hours])).toContainEqual([0, []]);
    expect(facts.spans).toBe(0);
    expect(found.spans).toEqual([{ service: 'shop', revision: '', spans: 2 }]);
  });

  test('a leak that only the copy behind the policies shows has a finding all the same', async () => {
    await commit(batch([sent({ leaks: 1 })], AFTER));
    expect(await finding()).toMatchObject({ occurrences: '0', state: 'open' });
    expect(await matches()).toEqual(['email gw-1/after/ 1']);
  });
});

describe('a finding that is resolved', () => {
  const LATER = NOW + HOUR;
  const resolve = async (resolution: Resolution): Promise<void> => {
    const id = (await finding()).id;
    const history = new PostgresFindingHistory(dataSource);
    await history.change(TENANT, [id], { state: 'resolved', resolution }, 'kim', null);
    await dataSource.query('UPDATE finding SET reopen_after = $1', [new Date(NOW)]);
  };

  test.each<[Resolution, string, Source, string]>([
    ['redacted_by_policy', 'before the policies', BEFORE, 'resolved'],
    ['redacted_by_policy', 'behind the policies, as a second copy', AFTER, 'open'],
    ['redacted_by_policy', 'behind the policies, as the only copy', ONLY, 'open'],
    ['redacted_by_policy', 'where nobody knows', PLAIN_SOURCE, 'open'],
    ['fixed_at_source', 'before the policies', BEFORE, 'open'],
    ['fixed_at_source', 'behind the policies, as a second copy', AFTER, 'open'],
    ['false_positive', 'behind the policies, as a second copy', AFTER, 'resolved'],
  ])('as %s and seen again %s', async (resolution, _, source, state) => {
    await commit(batch([sent()], BEFORE));
    await resolve(resolution);
    if (resolution === 'false_positive') await dataSource.query('UPDATE finding SET reopen_after = NULL');
    await commit(batch([sent({ at: LATER })], source, LATER));
    expect(await finding()).toMatchObject({ state, last_seen: expect.any(Date) });
    const known = await new PostgresFindingStore(dataSource).list(TENANT, {}, '-last_seen', 10, null);
    expect(known.find(({ detector }) => detector === 'email')!.substate).toBe(state === 'open' ? 'regressed' : null);
  });

  test('as redacted, and seen on both sides in one transaction, in any order', async () => {
    for (const flip of [false, true]) {
      await dataSource.query('TRUNCATE ledger, finding, finding_event, finding_hourly, finding_day');
      await commit(batch([sent()], BEFORE));
      await resolve('redacted_by_policy');
      const early = batch([sent({ at: NOW - MINUTE })], ONLY, LATER);
      const late = batch([sent({ at: LATER })], BEFORE, LATER);
      // The latest sighting of all is before the policies, and the one behind them was before the resolution.
      await commit(...(flip ? [late, early] : [early, late]));
      expect(await finding()).toMatchObject({ state: 'resolved', last_past_policies: new Date(NOW - MINUTE + 5) });
      const behind = batch([sent({ at: LATER - MINUTE })], AFTER, LATER);
      await commit(...(flip ? [late, behind] : [behind, late]).map((b, i) => ({ ...b, id: `${i}${b.id.slice(1)}` })));
      expect(await finding()).toMatchObject({ state: 'open', last_past_policies: new Date(LATER - MINUTE + 5) });
    }
  });
});
