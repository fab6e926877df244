import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type AuditEvent, chainHash, GENESIS } from '../../../src/edge/audit/audit-entry.js';
import { AuditLog } from '../../../src/edge/audit/audit-log.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../../src/edge/store/data-source.js';
import { AuditEventRow } from '../../../src/edge/store/entities/audit.js';
import { CHAIN_KEY } from '../../support/audit-chain.js';
import { newHome, ROOT } from '../../support/service.js';

/* The chain of the audit log in a real PostgreSQL, with more than one process that adds to it. */

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let log: AuditLog;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = await makeDataSource(postgres.url).initialize();
  await migrate(dataSource);
  log = new AuditLog(dataSource, () => CHAIN_KEY, { findsIn: (_, text) => text.includes('@') });
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function chain(tenant: string): Promise<AuditEventRow[]> {
  return dataSource.getRepository(AuditEventRow).find({ where: { tenantId: tenant }, order: { seq: 'ASC' } });
}

function eventOf({ tenantId, at, prevHash, hash: _, ...rest }: AuditEventRow): AuditEvent {
  return { ...rest, tenant: tenantId, at: at.toISOString(), prevHash: prevHash.toString('hex') };
}

/** Starts a process and lets all begin at once. */
async function append(names: readonly string[], count: number): Promise<void> {
  const script = join(ROOT, 'dist', 'test', 'support', 'audit-appender.js');
  const children = names.map((name) => fork(script, [postgres.url, name, String(count)]));
  await Promise.all(children.map((child) => new Promise((ready) => child.once('message', ready))));
  const ends = children.map((child) => new Promise((ended) => child.once('exit', ended)));
  for (const child of children) child.send('go');
  expect(await Promise.all(ends)).toEqual(names.map(() => 0));
}

describe('the chain', () => {
  test('of two processes that add a hundred events at once it has no gap and no fork', async () => {
    await append(['a', 'b'], 50);
    const rows = await chain('default');
    expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
    let before = GENESIS;
    for (const row of rows) {
      expect(row.prevHash.toString('hex')).toBe(before);
      expect(row.hash.toString('hex')).toBe(chainHash(CHAIN_KEY, eventOf(row)));
      before = row.hash.toString('hex');
    }
    const named = rows.map(({ actor, object }) => `${actor} ${object}`);
    expect(new Set(named).size).toBe(100);
    expect(named).toEqual(expect.arrayContaining(['a row/0', 'a row/49', 'b row/0', 'b row/49']));
  });

  test('is one by tenant', async () => {
    await log.record('other', { actor: 'x', action: 'y', object: 'z' });
    const rows = await chain('other');
    expect(rows.map(({ seq, prevHash }) => [seq, prevHash.toString('hex')])).toEqual([[1, GENESIS]]);
    expect(await log.head('other')).toEqual({ seq: 1, hash: rows[0]!.hash.toString('hex') });
    expect(await log.head('nobody')).toBeNull();
  });

  test('an event within a transaction that fails is not there, and the next takes its place', async () => {
    const before = (await chain('tx')).length;
    const failing = dataSource.transaction(async (manager) => {
      await log.append(manager, 'tx', { actor: 'x', action: 'undone', object: 'z' });
      throw new Error('undone');
    });
    await expect(failing).rejects.toThrow('undone');
    await log.record('tx', {
      actor: 'x',
      action: 'done',
      object: 'z',
      outcome: 'refused',
      details: { n: 1.5, a: ['b'] },
    });
    const rows = await chain('tx');
    expect(rows).toHaveLength(before + 1);
    expect(rows[before]).toMatchObject({ action: 'done', outcome: 'refused', details: { n: 1.5, a: ['b'] } });
    expect(rows[before]!.hash.toString('hex')).toBe(chainHash(CHAIN_KEY, eventOf(rows[before]!)));
  });
});

describe('an entry', () => {
  test('has no text that a detector finds something in, and none that could come back in another form', async () => {
    await log.record('texts', {
      actor: 'a@b.c',
      action: 'x\0y\ud800',
      object: 'finding/00000000-0000-4000-8000-000000000000',
      details: { 'k@k': 'v', list: ['ok', 'x@y'], nothing: null, big: 1e300, yes: true },
    });
    const [row] = await chain('texts');
    expect(row).toMatchObject({
      actor: '(masked)',
      action: 'x y\ufffd',
      object: 'finding/00000000-0000-4000-8000-000000000000',
      details: { '(masked)': 'v', list: ['ok', '(masked)'], nothing: null, big: 1e300, yes: true },
    });
    expect(row!.hash.toString('hex')).toBe(chainHash(CHAIN_KEY, eventOf(row!)));
  });

  test('that is too large is refused, and those that came with it are recorded', async () => {
    const entry = (details: object) => ({ actor: 'x', action: 'y', object: 'z', details: { ...details } });
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, i]));
    const results = await Promise.allSettled([
      log.record('sizes', entry({})),
      log.record('sizes', entry(many)),
      log.record('sizes', entry({ n: Number.NaN })),
      log.record('sizes', entry({ list: Array(201).fill('x') })),
      log.record('sizes', entry({ last: true })),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected', 'fulfilled']);
    expect((await chain('sizes')).map(({ seq, details }) => [seq, details])).toEqual([
      [1, {}],
      [2, { last: true }],
    ]);
  });
});

describe('the database', () => {
  test.each([
    'UPDATE audit_event SET actor = $$nobody$$',
    'UPDATE audit_event SET actor = actor WHERE false',
    'DELETE FROM audit_event WHERE seq = 1',
    'TRUNCATE audit_event',
  ])('refuses %s', async (statement) => {
    await expect(dataSource.query(statement)).rejects.toThrow('events are only added');
  });

  test('refuses a second event in a place of the chain', async () => {
    const copy = "INSERT INTO audit_event SELECT * FROM audit_event WHERE tenant_id = 'other'";
    await expect(dataSource.query(copy)).rejects.toThrow('duplicate key');
  });

  test('gives nobody the right to change events', async () => {
    const rights: { privilege_type: string }[] = await dataSource.query(
      "SELECT DISTINCT privilege_type FROM information_schema.table_privileges WHERE table_name = 'audit_event'",
    );
    const names = rights.map(({ privilege_type }) => privilege_type);
    expect(names).toEqual(expect.arrayContaining(['INSERT', 'SELECT']));
    expect(names).not.toEqual(expect.arrayContaining(['UPDATE']));
    expect(names).not.toEqual(expect.arrayContaining(['DELETE']));
    expect(names).not.toEqual(expect.arrayContaining(['TRUNCATE']));
  });
});
