import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { Keyring } from '../../src/edge/auth/keyring.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresNotificationStore } from '../../src/edge/store/notification-store.js';
import { PostgresQualityStore } from '../../src/edge/store/quality-store.js';
import { PostgresUsageStore } from '../../src/edge/store/usage-store.js';
import { PostgresWatchStore } from '../../src/edge/store/watch-store.js';
import type { NotifyEventKind } from '../../src/engine/model/notification.js';
import { TraceAudits } from '../../src/flow/audit.js';
import { notify } from '../../src/flow/notify.js';
import type { AnalysedBatch } from '../../src/flow/ports.js';
import type { QualitySources } from '../../src/flow/quality.js';
import { watch, watchEvents } from '../../src/flow/watch.js';
import { newHome } from '../support/service.js';
import { factsOf, type PlainSpan, T0 } from '../support/traces.js';

/* What rules ask for beside findings, looked at every ten minutes on real tables: it comes, it goes, it does not flap. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.ceil(T0 / HOUR) * HOUR + HOUR;
const ALL: readonly NotifyEventKind[] = ['quality_bad', 'quality_recovered', 'source_silent', 'source_back'];
const MODEL = { id: 'free', name: 'Free', currency: 'USD', meters: [] } as unknown as QualitySources['model'];

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let store: PostgresWatchStore;
let notifications: PostgresNotificationStore;
const ruleId = { page: '', ticket: '' };

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
  store = new PostgresWatchStore(dataSource);
  const keys = new Keyring(new Uint8Array(32));
  notifications = new PostgresNotificationStore(dataSource, (tenant) => keys.sealing(tenant));
  const rule = async (name: string, events: readonly NotifyEventKind[]): Promise<string> => {
    const fields = { name, events: [...events], team: '', service: '', environment: '', repeatHours: 24 };
    const levels = { minSeverity: 'high', pageFrom: 'high', groupMinutes: 0 } as const;
    const made = await notifications.add(
      'default',
      { ...fields, ...levels },
      { channel: 'mail', to: ['a@b.test'] },
      'test',
    );
    await dataSource.query('UPDATE notification_rule SET created_at = $1 WHERE id = $2', [
      new Date(NOW - 99 * HOUR),
      made.id,
    ]);
    return made.id;
  };
  ruleId.page = await rule('all of it', ALL);
  ruleId.ticket = await rule('only what is back', ['source_back']);
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

/** One look, and the messages that rules make of it. */
async function look(
  at: number,
  asked = ALL,
): Promise<{ rule: string; urgency: string; titles: string[]; links: string[] }[]> {
  const now = new Date(at);
  const usage = new PostgresUsageStore(dataSource);
  const sources = { quality: new PostgresQualityStore(dataSource), usage, model: MODEL, mode: 'whole' as const, now };
  await watch('default', new Set(asked), store, sources);
  const events = watchEvents(await store.standings('default'), at - 7 * 24 * HOUR);
  const link = (path: string): string => `https://spanwarden.test${path}`;
  await notify('default', now, notifications, usage, events, link, () => randomUUID());
  const rows: { content: { rule: string; urgency: string; items: { title: string; link: string }[] } }[] =
    await dataSource.query('DELETE FROM notification RETURNING content').then(([deleted]) => deleted);
  return rows
    .map(({ content }) => ({
      ...{ rule: content.rule, urgency: content.urgency },
      titles: content.items.map(({ title }) => title),
      links: content.items.map(({ link: to }) => to),
    }))
    .sort((a, b) => (a.rule + a.urgency < b.rule + b.urgency ? -1 : 1));
}

async function usageOf(service: string, hours: readonly number[]): Promise<void> {
  await dataSource.query(
    `INSERT INTO usage_hourly (tenant_id, dist_key, hour, id, service, environment, spans, error_spans, span_bytes, shared_bytes)
     SELECT 'default', 1, h, md5(h::text || $1)::uuid, $1, '', 10, 0, 100, 0 FROM unnest($2::timestamptz[]) AS h`,
    [service, hours.map((hour) => new Date(hour))],
  );
}

test('a service that stops is told once it is certain, and that it is back to those who heard of it', async () => {
  await usageOf(
    'billing',
    Array.from({ length: 24 }, (_, i) => NOW - (i + 3) * HOUR),
  );
  await usageOf(
    'busy',
    Array.from({ length: 26 }, (_, i) => NOW - i * HOUR),
  );
  expect(await look(NOW)).toEqual([]);
  const silent = { rule: 'all of it', urgency: 'page', titles: ['Service billing has gone silent'] };
  expect(await look(NOW + 10 * MINUTE)).toMatchObject([silent]);
  expect(await look(NOW + 20 * MINUTE)).toEqual([]);
  // Longer than a day, and still not back.
  expect(await look(NOW + 30 * HOUR)).toEqual([]);
  await usageOf('billing', [NOW + 40 * HOUR]);
  expect(await look(NOW + 40 * HOUR)).toEqual([]);
  const back = ['Service billing is back'];
  expect(await look(NOW + 40 * HOUR + 30 * MINUTE)).toMatchObject([
    { rule: 'all of it', urgency: 'ticket', titles: back },
    { rule: 'only what is back', urgency: 'ticket', titles: back },
  ]);
});

test('a collector that is not there any more is told with its name, one that only reads at its start is not', async () => {
  const collector = (id: string, kind: string, lastSeen: number) =>
    dataSource.query(
      `INSERT INTO collector (tenant_id, id, kind, last_seen) VALUES ('default', $1, $2, $3)
       ON CONFLICT (tenant_id, id) DO UPDATE SET last_seen = EXCLUDED.last_seen`,
      [id, kind, new Date(lastSeen)],
    );
  const at = NOW + 50 * HOUR;
  await collector('gateway-1', 'agent', at);
  await collector('gateway-2', 'pull', at);
  expect(await look(at)).toEqual([]);
  expect(await look(at + 20 * MINUTE)).toMatchObject([
    { urgency: 'page', titles: ['Collector gateway-1 has gone silent'], links: [expect.stringMatching(/^https:\/\//)] },
  ]);
  await collector('gateway-1', 'agent', at + 30 * MINUTE);
  expect(await look(at + 30 * MINUTE)).toEqual([]);
  expect((await look(at + 40 * MINUTE)).map(({ titles }) => titles)).toEqual([
    ['Collector gateway-1 is back'],
    ['Collector gateway-1 is back'],
  ]);
});

test('a verdict on trace quality must hold for half an hour, and what flaps is not told', async () => {
  const orphaned = (trace: number): PlainSpan[] => [
    { trace, id: 1, kind: 2, name: 'GET /' },
    { trace, id: 3, parent: 99 },
  ];
  const rollup = { usage: [], attributes: [], spanNames: [], services: [], findings: [] };
  const facts = factsOf(Array.from({ length: 40 }, (_, i) => orphaned(i)).flat());
  const batch: AnalysedBatch = { tenant: 'default', id: '', day: '', rollup, audit: { facts, receivedAt: T0 + 1_000 } };
  const audits = new TraceAudits(new PostgresQualityStore(dataSource).sink(new Date(T0 - 1)), T0 - 1);
  audits.counted(batch, new Set(['web']));
  await audits.save(T0 + 40_000);
  const only: readonly NotifyEventKind[] = ['quality_bad', 'quality_recovered'];
  const start = T0 + HOUR;
  await dataSource.query('UPDATE notification_rule SET last_page_at = NULL, last_ticket_at = NULL');
  expect(await look(start, only)).toEqual([]);
  expect(await look(start + 20 * MINUTE, only)).toEqual([]);
  const [message] = await look(start + 30 * MINUTE, only);
  expect(message).toMatchObject({ rule: 'all of it', urgency: 'ticket' });
  expect(message!.titles).toContain('Trace quality of web: orphan_traces fails');
  expect(message!.links[0]).toBe('https://spanwarden.test/ui/quality?service=web');
  const [row] = (await store.standings('default')).filter(({ indicator }) => indicator === 'orphan_traces');
  expect(row!.detail).toMatch(/100 % of .*, at most .* is allowed/);
  // Nothing is judged any more: that says nothing, so it is not told as recovered.
  expect(await look(start + 9 * HOUR, only)).toEqual([]);
});

test('without a rule that asks, nobody looks', async () => {
  await dataSource.query('TRUNCATE watched');
  await look(NOW, ['finding_new']);
  expect(await store.standings('default')).toEqual([]);
});
