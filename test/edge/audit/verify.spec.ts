import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../../../src/edge/audit/audit-log.js';
import { AuditVerifier } from '../../../src/edge/audit/audit-verifier.js';
import { CheckpointSigner, isSigned, readCheckpoints } from '../../../src/edge/audit/checkpoint.js';
import { PendingChanges } from '../../../src/edge/audit/pending-changes.js';
import { Metrics } from '../../../src/edge/metrics.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/edge/postgres/embedded.js';
import { PostgresAuditStore } from '../../../src/edge/store/audit-store.js';
import { makeDataSource, migrate } from '../../../src/edge/store/data-source.js';
import { CHAIN_KEY } from '../../support/audit-chain.js';
import { newHome } from '../../support/service.js';

/* Whoever may do everything to the database changes the audit log, and it is found. */

const EVENTS = 2_500;
let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let log: AuditLog;
let metrics: Metrics;
let verifier: AuditVerifier;

beforeAll(async () => {
  Logger.overrideLogger(false);
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = await makeDataSource(postgres.url).initialize();
  await migrate(dataSource);
  const first = new AuditLog(dataSource, () => CHAIN_KEY, { findsIn: () => false });
  const entries = Array.from({ length: EVENTS }, (_, i) => ({ actor: 'x', action: 'y', object: `z/${i}` }));
  await Promise.all(entries.map((entry) => first.record('default', entry)));
  await dataSource.query('CREATE TABLE whole AS SELECT * FROM audit_event');
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await dataSource.query("DELETE FROM installation WHERE name LIKE 'audit-verified/%'");
  await asOwner('DELETE FROM audit_event', 'INSERT INTO audit_event SELECT * FROM whole');
  rmSync(join(home, 'audit-checkpoints.jsonl'), { force: true });
  metrics = new Metrics();
  log = new AuditLog(dataSource, () => CHAIN_KEY, { findsIn: () => false });
  const signer = new CheckpointSigner(new Uint8Array(32).fill(9));
  verifier = new AuditVerifier(
    home,
    dataSource,
    new PostgresAuditStore(dataSource),
    log,
    () => CHAIN_KEY,
    signer,
    metrics,
  );
});

/** What an administrator of the database can do: triggers do not hold him. */
async function asOwner(...statements: string[]): Promise<void> {
  await dataSource.transaction(async (manager) => {
    await manager.query('ALTER TABLE audit_event DISABLE TRIGGER USER');
    for (const statement of statements) await manager.query(statement);
    await manager.query('ALTER TABLE audit_event ENABLE TRIGGER USER');
  });
}

async function broken(marks: readonly (readonly [number, string])[] = []) {
  return (await verifier.verify('default', marks)).break;
}

describe('a log', () => {
  test('that nobody touched is intact, and that is noted', async () => {
    expect(await verifier.verifiedAt('default')).toBeNull();
    const result = await verifier.verify('default');
    expect(result).toMatchObject({ events: EVENTS, from: 1, break: null, head: { seq: EVENTS } });
    expect(await verifier.verifiedAt('default')).toBe(result.checkedAt.toISOString());
    const text = await metrics.registry.metrics();
    expect(text).toContain(
      `spanwarden_audit_chain_last_verified_timestamp_seconds ${Math.floor(result.checkedAt.getTime() / 1000)}`,
    );
    expect(text).toContain('spanwarden_audit_chain_intact 1');
    // Another process says the same.
    const others = new Metrics();
    const signer = new CheckpointSigner(new Uint8Array(32).fill(9));
    void new AuditVerifier(home, dataSource, new PostgresAuditStore(dataSource), log, () => CHAIN_KEY, signer, others);
    expect(await others.registry.metrics()).toContain('spanwarden_audit_chain_intact 1');
  });

  test('that is empty is intact', async () => {
    expect(await verifier.verify('nobody')).toMatchObject({ events: 0, head: null, break: null });
    expect(await verifier.checkpoint('nobody')).toBeNull();
  });

  test.each([
    ['an actor', "UPDATE audit_event SET actor = 'somebody' WHERE seq = 1200", { seq: 1200, kind: 'changed' }],
    ['details', `UPDATE audit_event SET details = '{"a":1}' WHERE seq = 7`, { seq: 7, kind: 'changed' }],
    ['a time', "UPDATE audit_event SET at = at - interval '1 s' WHERE seq = 2500", { seq: 2500, kind: 'changed' }],
    ['an outcome', "UPDATE audit_event SET outcome = 'refused' WHERE seq = 1", { seq: 1, kind: 'changed' }],
    ['a hash', "UPDATE audit_event SET hash = '\\x00' WHERE seq = 1000", { seq: 1000, kind: 'changed' }],
    ['a link', 'UPDATE audit_event SET prev_hash = hash WHERE seq = 1001', { seq: 1001, kind: 'changed' }],
    ['a tenant', "UPDATE audit_event SET tenant_id = 'other' WHERE seq = 9", { seq: 9, kind: 'missing' }],
    ['one in the middle', 'DELETE FROM audit_event WHERE seq = 1700', { seq: 1700, kind: 'missing' }],
    ['the first', 'DELETE FROM audit_event WHERE seq = 1', { seq: 1, kind: 'missing' }],
  ])('of which %s was changed or removed is broken there', async (_, statement, expected) => {
    await asOwner(statement);
    expect(await broken()).toEqual(expected);
    expect(await metrics.registry.metrics()).toContain('spanwarden_audit_chain_intact 0');
    await asOwner("DELETE FROM audit_event WHERE tenant_id = 'other'");
  });

  test('in which one was removed and the rest moved up is broken there', async () => {
    await asOwner(
      'DELETE FROM audit_event WHERE seq = 1500',
      'UPDATE audit_event SET seq = -seq + 1 WHERE seq > 1500',
      'UPDATE audit_event SET seq = -seq WHERE seq < 0',
    );
    expect(await broken()).toEqual({ seq: 1500, kind: 'changed' });
  });

  test('in which two have changed places is broken at the first', async () => {
    await asOwner(
      'UPDATE audit_event SET seq = -seq WHERE seq IN (800, 900)',
      'UPDATE audit_event SET seq = 1700 + seq WHERE seq < 0',
    );
    expect(await broken()).toEqual({ seq: 800, kind: 'changed' });
  });

  test('in which an event of our own key stands in the place of another is broken at what follows', async () => {
    // As somebody would who has the key and the database: only what was kept elsewhere shows a chain that was made anew.
    const checkpoint = (await verifier.checkpoint('default'))!;
    await asOwner('DELETE FROM audit_event');
    const again = new AuditLog(dataSource, () => CHAIN_KEY, { findsIn: () => false });
    const entries = Array.from({ length: EVENTS }, () => ({ actor: 'x', action: 'y', object: 'nothing' }));
    await Promise.all(entries.map((entry) => again.record('default', entry)));
    expect(await broken()).toBeNull();
    expect(await broken([[checkpoint.seq, checkpoint.hash]])).toEqual({ seq: EVENTS, kind: 'replaced' });
    // It is the word of who asks, and no alarm.
    expect(await metrics.registry.metrics()).toContain('spanwarden_audit_chain_intact 1');
  });
});

describe('a checkpoint', () => {
  test('is signed, and says the last event', async () => {
    const checkpoint = (await verifier.checkpoint('default'))!;
    expect(checkpoint).toMatchObject({ tenant: 'default', seq: EVENTS, hash: (await log.head('default'))!.hash });
    expect(isSigned(checkpoint)).toBe(true);
    expect(isSigned({ ...checkpoint, seq: EVENTS - 1 })).toBe(false);
    expect(isSigned({ ...checkpoint, signature: '' })).toBe(false);
    expect(isSigned({ ...checkpoint, public_key: 'x' })).toBe(false);
  });

  test('that somebody kept shows that the end was cut off', async () => {
    const { seq, hash } = (await verifier.checkpoint('default'))!;
    await asOwner('DELETE FROM audit_event WHERE seq > 2400');
    expect(await broken()).toBeNull();
    expect(await broken([[seq, hash]])).toEqual({ seq: 2401, kind: 'cut' });
    // What is recorded from then on follows what is left; the place of the checkpoint is then another event.
    const other = new AuditLog(dataSource, () => CHAIN_KEY, { findsIn: () => false });
    for (let i = 0; i < 200; i++) await other.record('default', { actor: 'x', action: 'later', object: 'z' });
    expect(await broken()).toBeNull();
    expect(await broken([[seq, hash]])).toEqual({ seq, kind: 'replaced' });
  });

  test('in the home folder does it without anybody', async () => {
    await verifier.emit('default');
    await verifier.emit('default');
    const file = join(home, 'audit-checkpoints.jsonl');
    expect(readCheckpoints(readFileSync(file, 'utf8'))).toHaveLength(1);
    await log.record('default', { actor: 'x', action: 'y', object: 'z' });
    await verifier.emit('default');
    expect(await verifier.verify('default')).toMatchObject({ checkpoints: 2, break: null });
    await asOwner('DELETE FROM audit_event WHERE seq > 2500');
    expect(await broken()).toEqual({ seq: 2501, kind: 'cut' });
    // One that is not of our key says nothing.
    const forged = new CheckpointSigner(new Uint8Array(32).fill(1));
    writeFileSync(file, JSON.stringify(forged.sign({ tenant: 'default', seq: 9_000, hash: 'f'.repeat(64), at: 'x' })));
    expect(await broken()).toBeNull();
  });

  test('is read from lines of a log, in text and in JSON', async () => {
    const checkpoint = (await verifier.checkpoint('default'))!;
    const line = `[spanwarden] 1  - LOG [Audit] checkpoint ${JSON.stringify(checkpoint)}`;
    const inJson = JSON.stringify({
      level: 'log',
      message: `checkpoint ${JSON.stringify(checkpoint)}`,
      context: 'Audit',
    });
    expect(readCheckpoints(`nothing\n${line}\n{"tenant":broken}\n${inJson}\n`)).toEqual([checkpoint, checkpoint]);
  });
});

describe('a change that is under way', () => {
  const entry = { actor: 'alice', action: 'changeFindings', object: 'findings/1' };

  test('becomes an event when it ends', async () => {
    const pending = new PendingChanges(dataSource, log);
    const id = await pending.begin('default', entry);
    expect(await log.head('default')).toMatchObject({ seq: EVENTS });
    await pending.end('default', id, { ...entry, outcome: 'refused' });
    expect(await log.head('default')).toMatchObject({ seq: EVENTS + 1 });
    expect(await dataSource.query('SELECT * FROM audit_pending')).toEqual([]);
    expect(await broken()).toBeNull();
  });

  test('and that nobody ends becomes one of which the outcome is unknown', async () => {
    const pending = new PendingChanges(dataSource, log);
    await pending.begin('default', entry);
    expect(await pending.settle('default')).toBe(0);
    await dataSource.query("UPDATE audit_pending SET at = now() - interval '1 hour'");
    await pending.begin('default', entry);
    expect(await pending.settle('default')).toBe(1);
    const [last] = await new PostgresAuditStore(dataSource).list('default', { actor: 'alice' }, 2, null);
    expect(last).toMatchObject({ ...entry, outcome: 'unknown', details: { begun_at: expect.any(String) } });
    expect(await broken()).toBeNull();
  });
});
