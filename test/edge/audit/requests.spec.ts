import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/edge/postgres/embedded.js';
import type { AuditEvent, AuditPage, AuditVerification, Finding, Policy } from '../../../src/edge/serve/contract.js';
import { makeDataSource } from '../../../src/edge/store/data-source.js';
import { json, type Named, nameCaller } from '../../support/callers.js';
import { encodeRequest } from '../../support/otlp.js';
import { breaches, mail, plant, token } from '../../support/planted.js';
import { eventually, newHome, type Service, startService } from '../../support/service.js';

/* What of requests is in the audit log of a real process. */

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let service: Service;
let alice: Named;
let viewer: Named;
let finding: Finding;
let policy: Policy;
const secrets: string[] = [];

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = await makeDataSource(postgres.url, 1).initialize();
  service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'debug', DATABASE_URL: postgres.url } });
  alice = await nameCaller(service, 'alice', ['editor', 'approver']);
  viewer = await nameCaller(service, 'vera', ['viewer']);
  secrets.push(alice.token.secret, viewer.token.secret, service.adminToken);
  const spans = [{ attributes: { note: 'card 4539578763621486', mail: 'someone@shop.test' } }];
  await service.send(encodeRequest([{ resource: { 'service.name': 'web' }, spans }]));
  const findings = await service.api<{ data: Finding[] }>('/api/v1/findings');
  finding = findings.body.data[0]!;
  const policies = await eventually(
    () => service.api<{ data: Policy[] }>('/api/v1/policies'),
    ({ body }) => body.data.length > 0,
  );
  policy = policies.body.data[0]!;
});

afterAll(async () => {
  await service?.stop();
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function events(query: Record<string, string> = {}): Promise<AuditEvent[]> {
  const { body } = await service.api<AuditPage>(`/api/v1/audit?${new URLSearchParams({ limit: '200', ...query })}`);
  return body.data;
}

/** The latest event, without what no test can foresee. */
async function latest(query: Record<string, string> = {}) {
  const [event] = await events(query);
  const { actor, action, object, outcome, details } = event!;
  return { actor, action, object, outcome, details };
}

describe('in the log is', () => {
  test('a change, with who made it and what was decided', async () => {
    const made = await alice.ask(
      `/api/v1/findings/${finding.id}`,
      json('PATCH', { state: 'acknowledged', comment: 'looked at it' }),
    );
    expect(made.status).toBe(200);
    expect(await latest()).toEqual({
      actor: 'alice',
      action: 'changeFindings',
      object: `findings/${finding.id}`,
      outcome: 'done',
      details: { state: 'acknowledged', resolution: null, commented: true, version: 2, token: alice.token.id },
    });
  });

  test('the id of what was made', async () => {
    const { body } = await alice.ask<{ id: string }>(
      '/api/v1/budgets',
      json('POST', { team: 'a', unit: 'bytes', amount: 1 }),
    );
    expect(await latest()).toMatchObject({ action: 'addBudgets', object: `budgets/${body.id}`, outcome: 'done' });
  });

  test('a change that was refused, for its content or for the role', async () => {
    await alice.ask('/api/v1/budgets', json('POST', {}));
    expect(await latest()).toMatchObject({
      actor: 'alice',
      object: 'budgets',
      outcome: 'refused',
      details: { status: 400 },
    });
    await viewer.ask(`/api/v1/policies/${policy.id}/approve`, { method: 'POST' });
    expect(await latest()).toEqual({
      actor: 'vera',
      action: 'approvePoliciesApprove',
      object: `policies/${policy.id}/approve`,
      outcome: 'refused',
      details: { status: 403, token: viewer.token.id },
    });
  });

  test('an approval, with the version', async () => {
    expect((await alice.ask(`/api/v1/policies/${policy.id}/approve`, { method: 'POST' })).status).toBe(200);
    expect(await latest()).toMatchObject({ outcome: 'done', details: { version: policy.version, state: 'approved' } });
  });

  test('what was done to many at once', async () => {
    const { body } = await service.api<{ data: Finding[] }>('/api/v1/findings');
    const ids = body.data.map(({ id }) => id).sort();
    await alice.ask('/api/v1/findings/bulk', json('POST', { ids, state: 'open' }));
    expect(await latest()).toMatchObject({
      action: 'changeManyFindingsBulk',
      details: { state: 'open', ids, changed: 1 },
    });
  });

  test.each([
    ['findings', 'listFindings'],
    ['findings.csv', 'csvFindingsCsv'],
    ['findings.ocsf.jsonl', 'ocsfFindingsOcsfJsonl'],
    ['conventions/findings', 'findingsConventionsFindings'],
  ])('a read of %s', async (path, action) => {
    expect((await viewer.ask(`/api/v1/${path}?service=web`)).status).toBe(200);
    expect(await latest()).toEqual({
      ...{ actor: 'vera', action, object: path, outcome: 'done' },
      details: { token: viewer.token.id },
    });
  });

  test('a read of one finding, of its history, and of one that there is not', async () => {
    for (const path of [finding.id, `${finding.id}/events`]) {
      await viewer.ask(`/api/v1/findings/${path}`);
      expect(await latest()).toMatchObject({ actor: 'vera', object: `findings/${path}`, outcome: 'done' });
    }
    await viewer.ask('/api/v1/findings/00000000-0000-4000-8000-000000000000');
    expect(await latest()).toMatchObject({ outcome: 'refused', details: { status: 404 } });
  });

  test('a read of a report, but not of whether it is ready', async () => {
    const { body } = await alice.ask<{ id: string }>('/api/v1/reports', json('POST', { audience: 'security' }));
    const path = `/api/v1/reports/${body.id}`;
    await eventually(
      () => viewer.ask<{ state: string }>(path),
      (answer) => answer.body.state === 'ready',
    );
    expect(await latest()).toMatchObject({ actor: 'alice', object: `reports/${body.id}`, action: 'createReports' });
    await viewer.ask(`${path}.md`);
    expect(await latest()).toMatchObject({
      actor: 'vera',
      object: `reports/${body.id}.md`,
      details: { audience: 'security', format: 'md' },
    });
  });

  test('who signed in and out, and who tried to', async () => {
    const url = `${service.endpoints.http}/api/v1/session`;
    const { headers } = await fetch(url, json('POST', { token: alice.token.secret }));
    const cookie = headers.get('set-cookie')!.split(';')[0]!;
    secrets.push(cookie.split('=')[1]!);
    expect(await latest()).toMatchObject({
      actor: 'alice',
      action: 'signInSession',
      object: 'session',
      outcome: 'done',
    });
    await fetch(url, { method: 'DELETE', headers: { cookie } });
    expect(await latest()).toMatchObject({ actor: 'alice', action: 'signOutSession', outcome: 'done' });
    await fetch(url, json('POST', { token: 'nothing' }));
    expect(await latest()).toMatchObject({ actor: 'anonymous', outcome: 'refused', details: { status: 401 } });
  });

  test('of whom nobody knows a part only, and how many were left out', async () => {
    const attempt = () => fetch(`${service.endpoints.http}/api/v1/findings`);
    for (let i = 0; i < 4; i++) await Promise.all(Array.from({ length: 50 }, attempt));
    const count = (await events({ actor: 'anonymous' })).length;
    expect(count).toBeGreaterThan(50);
    // At most two minutes are touched.
    expect(count).toBeLessThanOrEqual(125);
  });

  test('nothing of reads that are not of findings, and of what cannot be read', async () => {
    const before = await latest();
    await viewer.ask('/api/v1/attributes');
    await viewer.ask('/api/v1/status');
    await alice.ask('/api/v1/budgets', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' });
    expect(await latest()).toEqual(before);
  });

  test('no value, whatever requests hold', async () => {
    for (const make of [mail, token]) {
      const planted = encodeURIComponent(plant(make));
      await alice.ask(`/api/v1/owners/${planted}`, json('PUT', { team: plant(make) }));
      expect(await latest()).toMatchObject({ action: 'setOwnerOwners', object: 'owners/(masked)' });
      await alice.ask(`/api/v1/owners/${planted}%2F${planted}`, { method: 'DELETE' });
      await viewer.ask(`/api/v1/findings?service=${planted}&q=${planted}`);
      await viewer.ask(`/api/v1/findings/${planted}`);
      await service.api('/api/v1/tokens', json('POST', { subject: plant(make), roles: [plant(make)] }));
    }
    const all = await service.api('/api/v1/audit.jsonl');
    expect(breaches('audit', all.text)).toEqual([]);
  });
});

describe('the log', () => {
  test('is listed by pages and filters, and exported oldest first', async () => {
    const whole = await events();
    expect(whole.map(({ seq }) => seq)).toEqual([...whole].map(({ seq }) => seq).sort((a, b) => b - a));
    const one = (await service.api<AuditPage>('/api/v1/audit?limit=3&actor=alice')).body;
    const two = (await service.api<AuditPage>(`/api/v1/audit?limit=200&actor=alice&cursor=${one.next_cursor}`)).body;
    expect([...one.data, ...two.data]).toEqual(await events({ actor: 'alice' }));
    expect(new Set((await events({ object: 'findings' })).map(({ object }) => object.split('/')[0]))).toEqual(
      new Set(['findings']),
    );
    expect((await events({ action: 'addBudgets', outcome: 'refused' })).length).toBeGreaterThan(0);
    const at = whole[5]!.at;
    expect((await events({ from: at })).every((event) => event.at >= at)).toBe(true);
    expect((await events({ to: at })).every((event) => event.at < at)).toBe(true);
    const lines = (await service.api('/api/v1/audit.jsonl')).text.trim().split('\n');
    const read = lines.map((line) => JSON.parse(line) as AuditEvent);
    expect(read.map(({ seq }) => seq)).toEqual(read.map((_, i) => i + 1));
    const csv = (await service.api('/api/v1/audit.csv?actor=alice')).text.trim().split('\r\n');
    expect(csv[0]).toBe('seq,at,actor,action,object,outcome,details,prev_hash,hash');
    expect(csv.length).toBeGreaterThan(5);
    // That it was taken out is in it.
    expect(await latest()).toMatchObject({ actor: 'admin', action: 'csvAuditCsv' });
  });

  test('is verified, with a checkpoint that was kept', async () => {
    const checkpoint = await viewer.ask<{ seq: number; hash: string }>('/api/v1/audit/checkpoint');
    const { seq, hash } = checkpoint.body;
    const good = await service.api<AuditVerification>(`/api/v1/audit/verify?seq=${seq}&hash=${hash}`);
    expect(good.body).toMatchObject({ intact: true, break: null });
    expect(good.body.events).toBeGreaterThanOrEqual(seq);
    const other = await service.api<AuditVerification>(`/api/v1/audit/verify?seq=${seq}&hash=${'0'.repeat(64)}`);
    expect(other.body).toMatchObject({ intact: false, break: { seq, kind: 'replaced', what: expect.any(String) } });
    expect((await service.api(`/api/v1/audit/verify?seq=${seq}`)).status).toBe(400);
    expect((await service.api('/metrics')).text).toMatch(/last_verified_timestamp_seconds \d{10}/);
  });
});

describe('what cannot be recorded', () => {
  const rename = (from: string, to: string) => dataSource.query(`ALTER TABLE ${from} RENAME TO ${to}`);
  const state = async () => (await service.api<Finding>(`/api/v1/findings/${finding.id}`)).body.state;
  const change = (to: string) => alice.ask(`/api/v1/findings/${finding.id}`, json('PATCH', { state: to }));

  test('of reads is not answered, and of changes is made up for', async () => {
    await rename('audit_event', 'audit_away');
    for (const path of ['findings', 'findings.csv', `findings/${finding.id}`]) {
      const { status, headers, text } = await viewer.ask(`/api/v1/${path}`);
      expect([status, headers.get('etag'), headers.get('content-disposition')]).toEqual([503, null, null]);
      expect(JSON.parse(text)).toMatchObject({ code: 'not-recorded' });
    }
    const signedIn = await fetch(
      `${service.endpoints.http}/api/v1/session`,
      json('POST', { token: alice.token.secret }),
    );
    expect([signedIn.status, signedIn.headers.get('set-cookie')]).toEqual([503, null]);
    expect((await viewer.ask('/api/v1/attributes')).status).toBe(200);
    expect((await change('acknowledged')).status).toBe(200);
    await rename('audit_away', 'audit_event');
    expect(await state()).toBe('acknowledged');
    const [noted] = await dataSource.query('SELECT entry FROM audit_pending');
    expect(noted.entry).toMatchObject({ actor: 'alice', action: 'changeFindings', object: `findings/${finding.id}` });
  });

  test('before it is made is not made', async () => {
    await rename('audit_pending', 'pending_away');
    const refused = await change('open');
    await rename('pending_away', 'audit_pending');
    expect(refused).toMatchObject({ status: 503, body: { code: 'not-recorded' } });
    expect(await state()).toBe('acknowledged');
  });
});

test('secrets of tokens, links and sessions are nowhere in log and database', async () => {
  const link = await service.api<{ url: string }>(`/api/v1/tokens/${alice.token.id}/sign-in-link`, { method: 'POST' });
  secrets.push(link.body.url.split('#')[1]!);
  const tables: { t: string }[] = await dataSource.query(
    "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS t FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
  );
  let dump = service.output();
  for (const { t } of tables) {
    dump += JSON.stringify(await dataSource.query(`SELECT t::text FROM ${t} AS t`));
  }
  expect(dump.length).toBeGreaterThan(10_000);
  expect(secrets.length).toBe(5);
  expect(secrets.filter((secret) => dump.includes(secret))).toEqual([]);
});
