import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../../src/edge/audit/audit-log.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import type { ReportSummary, SavingList } from '../../src/edge/serve/contract.js';
import { AttributeDays } from '../../src/edge/store/attribute-days.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { PostgresPolicyLife } from '../../src/edge/store/policy-life.js';
import { PostgresPolicyStore } from '../../src/edge/store/policy-store.js';
import type { Policy, PolicyAction } from '../../src/engine/model/policy.js';
import { DEFAULT_SETTINGS } from '../../src/engine/model/rollout.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, newHome, type Service, startService } from '../support/service.js';

/*
 * Policies that were approved three days ago, by the clock of the store, in a real service that got spans of the days before
 * and after: what was promised is held against what was counted.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const APPROVED = NOW - 3 * DAY;
const SPANS = 150;
/** `note` is half gone afterwards, `big` all of it, `old` has its new name, `masked` is shorter. */
const WAS = { note: 'n'.repeat(100), big: 'b'.repeat(200), old: 'o'.repeat(40), masked: 'm'.repeat(30) };

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let service: Service;
const ids = new Map<string, string>();

async function send(name: string, at: number, attributes: (i: number) => Record<string, string>): Promise<void> {
  const spans = Array.from({ length: SPANS }, (_, i) => ({
    name: 'step',
    start: at + i,
    traceId: `${(at / HOUR).toString(16).padStart(8, '0')}${i.toString(16).padStart(8, '0')}${'f'.repeat(16)}`,
    attributes: { kept: 'k'.repeat(60), ...attributes(i) },
    traceState: 'ot=th:8',
  }));
  const { status } = await service.send(encodeRequest([{ resource: { 'service.name': name, team: 'front' }, spans }]));
  expect(status).toBe(200);
}

function policy(key: string, action: PolicyAction, services = ['web']): Policy {
  const texts = { title: `${action.kind} ${key}`, reason: 'because' };
  return { ...texts, cause: `test ${key}`, location: 'span', key, services, action, findings: [] };
}

async function savings(query = ''): Promise<SavingList> {
  const window = `from=${new Date(NOW - 4 * DAY).toISOString()}&to=${new Date(NOW).toISOString()}`;
  const { status, body } = await service.api<SavingList>(`/api/v1/costs/savings?${window}${query}`);
  expect(status).toBe(200);
  return body;
}

const rowOf = ({ data }: SavingList, key: string) => data.find((row) => row.policy === ids.get(key))!;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  service = await startService({ env: { DATABASE_URL: postgres.url, SPANWARDEN_HOURLY_DAYS: '31' } });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  for (let step = 1; step <= 12; step++) {
    await send('web', APPROVED - step * 7 * HOUR, () => WAS);
    const note = (i: number) => (i % 2 === 0 ? { note: WAS.note } : {});
    await send('web', APPROVED + step * 5 * HOUR, (i) => ({ ...note(i), renamed: WAS.old, masked: '***' }));
    await send('jobs', APPROVED + step * 5 * HOUR, () => ({}));
  }
  const store = new PostgresPolicyStore(dataSource);
  const audit = new AuditLog(dataSource, () => new Uint8Array(32), { findsIn: () => false });
  const life = new PostgresPolicyLife(dataSource, audit);
  const policies = [
    policy('note', { kind: 'delete' }),
    policy('big', { kind: 'delete' }),
    policy('old', { kind: 'rename', to: 'renamed' }),
    policy('masked', { kind: 'mask-value' }),
    policy('kept', { kind: 'delete' }),
    policy('unknown', { kind: 'delete' }, ['jobs']),
  ];
  await store.offer('default', policies, false);
  for (const { id, body } of await store.list('default', 'suggested', 50, null)) {
    ids.set(body.key, id);
    const approval = { by: 'test', contentHash: null, settings: DEFAULT_SETTINGS, simulated: null, waiver: null };
    await life.approve('default', id, { ...approval, now: Date.now() });
  }
  const isNew = "body->>'key' = 'kept'";
  await dataSource.query(`UPDATE policy SET decided_at = CASE WHEN ${isNew} THEN $2 ELSE $1 END::timestamptz`, [
    new Date(APPROVED),
    new Date(NOW - 2 * HOUR),
  ]);
  await dataSource.query('DELETE FROM policy_promise');
}, 180_000);

afterAll(async () => {
  await service?.stop();
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

test('what was promised is held against what was counted, by the spans that came since', async () => {
  const list = await savings();
  const note = rowOf(list, 'note');
  expect(note).toMatchObject({ verdict: 'missed', promised: { method: 'estimate' }, services: ['web'], reason: '' });
  // One of two attributes is still there: half of the promise, and the half that is not there counts as sent.
  expect(note.measured!.bytes / note.promised.bytes!).toBeCloseTo(0.5, 6);
  expect(note.measured!.bytes_interval.high).toBeLessThan(note.promised.bytes!);
  expect(note.measured!.share).toBeGreaterThan(0.05);
  expect(note.measured!.share).toBeLessThan(note.promised.share!);
  const big = rowOf(list, 'big');
  expect(big.verdict).toBe('kept');
  expect(big.measured!.bytes).toBeCloseTo(big.promised.bytes!, 3);
  // Each span stands for two: 12 hours of 120 spans, each with a key of 3 bytes, a text of 200, and 11 around them.
  expect(big.promised.bytes).toBeCloseTo(2 * 12 * SPANS * (3 + 200 + 11), 3);
  expect(big.measured!.money).toBeGreaterThan(0);
  // A rename to a longer name costs bytes, and says so before and after.
  const old = rowOf(list, 'old');
  expect(old.promised.share).toBeLessThan(0);
  expect(old.measured!.bytes).toBeCloseTo(old.promised.bytes!, 3);
  expect(rowOf(list, 'masked')).toMatchObject({ verdict: 'no_promise', promised: { method: 'none', share: null } });
  expect(rowOf(list, 'masked').measured!.bytes).toBeGreaterThan(0);
  expect(list.total).toMatchObject({ insufficient_evidence: 2 });
  expect(list.total.measured_money).toBeLessThan(list.total.promised_money);
});

test('where there is not enough evidence it is said why', async () => {
  const list = await savings();
  expect(rowOf(list, 'kept')).toMatchObject({ verdict: 'insufficient_evidence', measured: null });
  expect(rowOf(list, 'kept').reason).toContain('less than 6 whole hours');
  expect(rowOf(list, 'unknown').reason).toContain('only 0 spans came in the seven days before');
  const { body } = await service.api<SavingList>('/api/v1/costs/savings?team=nobody');
  expect(body.data).toEqual([]);
  expect((await service.api('/api/v1/costs/savings?price_model=nothing')).status).toBe(400);
  const csv = await service.api<string>('/api/v1/costs/savings.csv');
  expect(csv.text.split('\r\n')[0]).toContain('promised_share');
});

test('a promise stays as it was made, and days whose hours are not known any more count as days', async () => {
  const before = rowOf(await savings(), 'big');
  await new AttributeDays(dataSource).fold('default', new Date(Math.floor((NOW - DAY) / DAY) * DAY));
  const after = rowOf(await savings(), 'big');
  expect(after.promised.share).toBe(before.promised.share);
  expect(after.verdict).not.toBe('missed');
  await dataSource.query(`UPDATE policy SET state = 'superseded' WHERE id = $1`, [ids.get('big')]);
  expect(rowOf(await savings(), 'big')).toBeUndefined();
});

test('the reports of team leads and executives say it', async () => {
  const window = { from: new Date(NOW - 4 * DAY).toISOString(), to: new Date(NOW).toISOString() };
  for (const audience of ['team-lead', 'executive']) {
    const begun = await service.api<ReportSummary>('/api/v1/reports', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ edition: 'on-demand', audience, ...window }),
    });
    const path = `/api/v1/reports/${begun.body.id}`;
    await eventually(
      () => service.api<{ state: string }>(path),
      ({ body }) => body.state === 'ready',
    );
    const { text } = await service.api<string>(`${path}.md`);
    expect(text).toMatch(/## Savings: promised and measured/);
    expect(text).toMatch(/delete note .*promised \d/);
    expect(text).toContain('not enough evidence');
  }
});
