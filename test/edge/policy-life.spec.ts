import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../../src/edge/audit/audit-log.js';
import { PostgresRollouts, policyFindings, reportingCollectors } from '../../src/edge/policy/rollout-ports.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import type { PolicyRow } from '../../src/edge/store/entities/index.js';
import { PostgresEvidenceStore } from '../../src/edge/store/evidence-store.js';
import { PostgresFindingHistory } from '../../src/edge/store/finding-history.js';
import { distKey } from '../../src/edge/store/ids.js';
import { PostgresPolicyLife } from '../../src/edge/store/policy-life.js';
import { PostgresPolicySetStore, setFor } from '../../src/edge/store/policy-set-store.js';
import { PostgresPolicyStore } from '../../src/edge/store/policy-store.js';
import { PostgresRollupStore } from '../../src/edge/store/rollup-store.js';
import type { Labels } from '../../src/engine/model/collector.js';
import { POLICY_STATES, type Policy, type PolicyState } from '../../src/engine/model/policy.js';
import { DEFAULT_SETTINGS, type PolicySetSettings, type Rollout } from '../../src/engine/model/rollout.js';
import { prove } from '../../src/engine/policy/proof.js';
import { inForce } from '../../src/engine/policy/rollout.js';
import { commitBatches } from '../../src/flow/commit.js';
import { advanceRollouts, type RolloutPorts } from '../../src/flow/rollouts.js';
import { makeAnalyser } from '../support/analyser.js';
import { encodeRequest } from '../support/otlp.js';
import { newHome } from '../support/service.js';

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let audit: AuditLog;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
  audit = new AuditLog(dataSource, () => new Uint8Array(32), { findsIn: () => false });
});

afterAll(async () => {
  await dataSource?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(async () => {
  await dataSource.query('TRUNCATE policy, policy_set, policy_revision');
});

describe('policies', () => {
  const policy = (over: Partial<Policy> = {}): Policy => ({
    cause: 'leak span note',
    title: 'Mask email in note',
    reason: '',
    location: 'span',
    key: 'note',
    services: ['web'],
    action: { kind: 'mask-value' },
    findings: ['1'],
    ...over,
  });
  const none = '00000000-0000-0000-0000-000000000000';
  const counted = (over: Partial<Record<PolicyState, number>>) => {
    return { ...Object.fromEntries(POLICY_STATES.map((state) => [state, 0])), ...over };
  };
  let store: PostgresPolicyStore;
  let life: PostgresPolicyLife;
  const approval = (by: string, contentHash: string | null = null, over: Partial<PolicySetSettings> = {}) => {
    const settings = { ...DEFAULT_SETTINGS, ...over };
    return { by, contentHash, settings, simulated: null, waiver: null, now: Date.now() };
  };
  const approve = (id: string, by = 'admin') => life.approve('default', id, approval(by));
  const proof = prove({ before: { spans: 0, matches: 0 }, after: [], canaries: { clean: 1, leaked: 0, lost: 0 } });
  const servedVersions = async () => (await store.approved('default', 'default')).map(({ version }) => version);
  const states = async (id: string) => (await store.versions('default', id)).map((row) => [row.version, row.state]);
  beforeEach(() => {
    store = new PostgresPolicyStore(dataSource);
    life = new PostgresPolicyLife(dataSource, audit);
  });

  test('a suggestion is offered once, changes while it is one, and becomes a new version after approval', async () => {
    expect(await store.offer('default', [policy()], true)).toBe(1);
    expect(await store.offer('default', [policy({ findings: ['1', '2'] })], true)).toBe(0);
    expect(await store.offer('default', [policy({ services: ['shop', 'web'] })], true)).toBe(1);
    const [suggested] = await store.list('default', undefined, 10, null);
    const { id, contentHash } = suggested!;
    expect(suggested).toMatchObject({ version: 1, state: 'suggested', body: { services: ['shop', 'web'] } });
    expect(await life.approve('default', id, approval('admin', 'another hash'))).toBe('changed');
    expect(await life.approve('default', id, approval('admin', contentHash))).toMatchObject({
      state: 'approved',
      decidedBy: 'admin',
    });
    expect(await approve(id)).toBe('not-proposed');
    expect(await store.offer('default', [policy({ services: ['shop', 'web'] })], true)).toBe(0);
    expect(await store.offer('default', [policy({ services: ['a', 'shop', 'web'] })], true)).toBe(1);
    expect(await servedVersions()).toEqual([1]);
    await approve(id);
    // The version before is what is left where the new one is taken back, until that is proved.
    expect(await servedVersions()).toEqual([2]);
    expect(await store.counts('default')).toEqual(counted({ approved: 2 }));
    expect(await life.finish('default', id, 1, 'spanwarden', proof)).toBe('changed');
    await life.finish('default', id, 2, 'spanwarden', proof);
    expect(await states(id)).toEqual([
      [2, 'active'],
      [1, 'superseded'],
    ]);
    expect(await servedVersions()).toEqual([2]);
  });

  test('a suggestion that nothing asks for any more is withdrawn, and comes back when something does', async () => {
    await store.offer('default', [policy()], true);
    await store.offer('default', [], false);
    expect(await store.counts('default')).toMatchObject({ suggested: 1, superseded: 0 });
    await store.offer('default', [], true);
    expect(await store.counts('default')).toMatchObject({ suggested: 0, superseded: 1 });
    expect(await store.offer('default', [policy()], true)).toBe(1);
    const [again] = await store.list('default', 'suggested', 10, null);
    expect(again).toMatchObject({ version: 2 });
    await approve(again!.id);
    await store.offer('default', [policy({ services: ['shop', 'web'] })], true);
    expect(await store.counts('default')).toEqual(counted({ suggested: 1, approved: 1, superseded: 1 }));
    expect(await store.offer('default', [policy()], true)).toBe(0);
    await store.offer('default', [], true);
    expect(await store.counts('default')).toEqual(counted({ approved: 1, superseded: 2 }));
  });

  test('what is rolled back gives way to the version before it, and never comes back by itself', async () => {
    await store.offer('default', [policy()], true);
    const [first] = await store.list('default', undefined, 10, null);
    const { id } = first!;
    expect(await life.rollBack('default', id, 'admin', null)).toBe('not-in-force');
    expect(await life.rollBack('default', none, 'admin', null)).toBe('unknown');
    await approve(id);
    await store.offer('default', [policy({ services: ['shop', 'web'] })], true);
    await approve(id);
    await store.offer('default', [policy({ services: ['a', 'shop', 'web'] })], true);
    await store.offer('default', [], true);
    expect(await servedVersions()).toEqual([2]);
    expect(await life.rollBack('default', id, 'admin', first!.contentHash)).toBe('changed');
    expect(await life.rollBack('default', id, 'lead', null)).toMatchObject({ version: 2, state: 'rolled_back' });
    expect(await servedVersions()).toEqual([1]);
    expect(await life.rollBack('default', id, 'lead', null)).toMatchObject({ version: 1, decidedBy: 'lead' });
    expect(await servedVersions()).toEqual([]);
    expect(await store.list('default', undefined, 10, null)).toEqual([]);
    expect(await store.offer('default', [policy()], true)).toBe(1);
    expect(await states(id)).toEqual([
      [4, 'suggested'],
      [3, 'superseded'],
      [2, 'rolled_back'],
      [1, 'rolled_back'],
    ]);
  });

  test('an active version that is rolled back gives way to the one that it superseded', async () => {
    await store.offer('default', [policy()], true);
    const [{ id }] = (await store.list('default', undefined, 10, null)) as [PolicyRow];
    await approve(id);
    await life.finish('default', id, 1, 'spanwarden', proof);
    await store.offer('default', [policy({ services: ['shop', 'web'] })], true);
    await approve(id);
    await life.finish('default', id, 2, 'spanwarden', proof);
    await life.rollBack('default', id, 'admin', null);
    expect(await states(id)).toEqual([
      [2, 'rolled_back'],
      [1, 'active'],
    ]);
    expect(await servedVersions()).toEqual([1]);
  });

  test('stages: only their collectors get it, and a version under way gives way to a newer one', async () => {
    await store.offer('default', [policy()], true);
    const [{ id }] = (await store.list('default', undefined, 10, null)) as [PolicyRow];
    const stages = [{ name: 'canary', labels: { stage: 'canary' } }];
    const staged = approval('admin', null, { stages });
    await life.approve('default', id, staged);
    const has = async (labels: Labels) =>
      inForce(await store.rolledOut('default', 'default'), labels).map(({ version }) => version);
    expect([await has({ stage: 'canary' }), await has({})]).toEqual([[1], []]);
    const advance = (rollout: Rollout) => ({ ...rollout, stage: rollout.stage + 1 });
    await life.roll('default', id, 'lead', 'policy.continue', advance);
    expect([await has({ stage: 'canary' }), await has({})]).toEqual([[1], [1]]);
    await store.offer('default', [policy({ services: ['shop', 'web'] })], true);
    await life.approve('default', id, staged);
    expect([await has({ stage: 'canary' }), await has({})]).toEqual([[2], [1]]);
    const [, before] = await store.versions('default', id);
    expect(before!.rollout).toMatchObject({ status: 'paused', reason: 'Version 2 is rolled out.' });
    await life.roll('default', id, 'spanwarden', 'policy.halt', (rollout) => ({ ...rollout, isWithdrawn: true }));
    expect([await has({ stage: 'canary' }), await has({})]).toEqual([[1], [1]]);
  });

  test('what loses data is approved by somebody else than its author, and simulated where the set says so', async () => {
    const deletes = policy({ cause: 'own', action: { kind: 'delete' } });
    const { id } = await life.draft('default', 'default', deletes, 'ann');
    expect(await life.approve('default', id, approval('ann'))).toBe('same-person');
    const simulated = approval('ben', null, { simulateFirst: true });
    expect(await life.approve('default', id, simulated)).toBe('not-simulated');
    expect(await life.approve('default', id, { ...simulated, simulated: 2 })).toBe('not-simulated');
    expect(await life.approve('default', id, { ...simulated, simulated: 1 })).toMatchObject({ state: 'approved' });
    const other = await life.draft('default', 'default', deletes, 'ann');
    const alone = approval('ann', null, { twoPersons: false, simulateFirst: true });
    expect(await life.approve('default', other.id, { ...alone, waiver: 'no traffic yet' })).toMatchObject({
      decidedBy: 'ann',
    });
    const masks = await life.draft('default', 'default', policy({ cause: 'mask' }), 'ann');
    expect(await life.approve('default', masks.id, approval('ann'))).toMatchObject({ state: 'approved' });
  });

  test('what somebody is at or does not want is not suggested again', async () => {
    await store.offer('default', [policy()], true);
    const [{ id, contentHash }] = (await store.list('default', undefined, 10, null)) as [PolicyRow];
    expect(await life.revise('default', id, 'old', policy(), 'ann')).toBe('changed');
    const own = policy({ cause: 'x', services: ['web', 'x'], findings: [] });
    expect(await life.revise('default', id, contentHash, own, 'ann')).toMatchObject({
      ...{ version: 1, state: 'draft', author: 'ann' },
      body: { cause: 'leak span note', findings: ['1'], services: ['web', 'x'] },
    });
    expect(await store.offer('default', [policy()], true)).toBe(0);
    expect(await life.reject('default', id, 'ben', null, 'not ours')).toMatchObject({ state: 'rejected' });
    expect(await store.offer('default', [policy({ services: ['web', 'x'] })], true)).toBe(0);
    expect(await store.offer('default', [policy()], true)).toBe(1);
    expect(await states(id)).toEqual([
      [2, 'suggested'],
      [1, 'rejected'],
    ]);
  });

  test('every step is in the audit log, with who took it', async () => {
    await store.offer('default', [policy({ cause: 'audited' })], true);
    const [{ id }] = (await store.list('default', undefined, 10, null)) as [PolicyRow];
    await approve(id, 'ann');
    await life.roll('default', id, 'ben', 'policy.pause', (rollout) => ({ ...rollout, status: 'paused' }));
    await life.roll('default', id, 'ben', 'policy.resume', () => null);
    await life.rollBack('default', id, 'cid', null);
    const rows: { actor: string; action: string }[] = await dataSource.query(
      'SELECT actor, action FROM audit_event WHERE object = $1 ORDER BY seq',
      [`policy/${id}`],
    );
    expect(rows.map(({ actor, action }) => [actor, action])).toEqual([
      ['ann', 'policy.approve'],
      ['ben', 'policy.pause'],
      ['cid', 'policy.roll-back'],
    ]);
  });

  test('two processes that suggest at once make one version', async () => {
    const stores = [1, 2, 3, 4].map(() => new PostgresPolicyStore(dataSource));
    await Promise.all(stores.map((one) => one.offer('default', [policy()], true)));
    expect(await store.counts('default')).toMatchObject({ suggested: 1 });
  });

  test('sets: the most labels win, and one with policies stays', async () => {
    const sets = new PostgresPolicySetStore(dataSource, audit);
    const put = (name: string, labels: Labels) => sets.put('default', { ...DEFAULT_SETTINGS, name, labels }, 0, 'ann');
    await put('eu', { region: 'eu' });
    await put('eu-prod', { region: 'eu', env: 'prod' });
    expect(await put('eu', {})).toBe('changed');
    const all = await sets.list('default');
    expect(all.map(({ settings }) => settings.name)).toEqual(['default', 'eu', 'eu-prod']);
    const of = (labels: Labels) => setFor(all, labels).settings.name;
    expect([of({}), of({ region: 'eu' }), of({ region: 'eu', env: 'prod' }), of({ env: 'prod' })]).toEqual([
      ...['default', 'eu', 'eu-prod', 'default'],
    ]);
    await life.draft('default', 'eu', policy(), 'ann');
    expect(await sets.remove('default', 'eu', 'ann')).toBe('in-use');
    expect(await sets.remove('default', 'eu-prod', 'ann')).toBe('removed');
    expect(await sets.remove('default', 'eu-prod', 'ann')).toBe('unknown');
  });

  test('a revision says which versions were served together', async () => {
    const sets = new PostgresPolicySetStore(dataSource, audit);
    for (const revision of ['r1', 'r1', 'r2']) await sets.keepRevision('default', revision, ['a@1', 'b@2']);
    await sets.keepRevision('default', 'r3', ['a@1', 'b@3']);
    expect((await sets.revisionsWith('default', 'b', 2)).sort()).toEqual(['r1', 'r2']);
    expect(await sets.revisionsWith('default', 'b', 1)).toEqual([]);
  });
});

describe('roll-outs', () => {
  const NOW = Date.now();
  const MINUTE = 60_000;
  const SERVICE = 'web';
  let finding: string;
  let policy: string;
  let ports: RolloutPorts;

  /** Spans and matches as they were received, by minute. */
  async function received(
    at: number,
    spans: number,
    matches: number,
    { collector = 'c1', tap = '', revision = '' }: { collector?: string; tap?: string; revision?: string } = {},
  ): Promise<void> {
    const start = new Date(Math.floor(at / MINUTE) * MINUTE);
    const key = distKey('default', SERVICE);
    const origin = [start, collector, tap, revision, new Date(at)];
    await dataSource.query(
      `INSERT INTO span_evidence (tenant_id, dist_key, service, start, collector, tap, revision, spans, first_at, last_at)
       VALUES ('default', $1, $2, $3, $4, $5, $6, $8, $7, $7)`,
      [key, SERVICE, ...origin, spans],
    );
    if (matches === 0) return;
    await dataSource.query(
      `INSERT INTO match_evidence (tenant_id, dist_key, finding_id, start, collector, tap, revision, matches, first_at, last_at)
       VALUES ('default', $1, $2, $3, $4, $5, $6, $8, $7, $7)`,
      [key, finding, ...origin, matches],
    );
  }

  const collector = (id: string, status: string, labels: Labels = {}) =>
    dataSource.query(
      `INSERT INTO collector (tenant_id, id, kind, labels, wanted_hash, reported_hash, config_status, config_status_at)
       VALUES ('default', $1, 'opamp', $2, 'h', 'h', $3, $4)
       ON CONFLICT (tenant_id, id) DO UPDATE SET config_status = $3, config_status_at = $4`,
      [id, JSON.stringify(labels), status, new Date(NOW + 1)],
    );
  const step = (seconds: number) => advanceRollouts('default', NOW + seconds * 1000, ports);
  const row = async () => (await new PostgresPolicyStore(dataSource).versions('default', policy))[0]!;
  const findingRow = async () => {
    const [found] = await dataSource.query('SELECT state, resolution, reopen_after FROM finding WHERE id = $1', [
      finding,
    ]);
    return found as { state: string; resolution: string | null; reopen_after: Date | null };
  };

  beforeEach(async () => {
    await dataSource.query('TRUNCATE finding, finding_event, span_evidence, match_evidence, collector');
    const request = encodeRequest([
      { resource: { 'service.name': SERVICE }, spans: [{ start: NOW, attributes: { note: 'ann@shop.test' } }] },
    ]);
    const { rollup, day } = makeAnalyser().analyse(request, 'otlp-protobuf', NOW);
    const batch = { tenant: 'default', id: 'f'.repeat(64), day, rollup };
    await dataSource.query('TRUNCATE ledger');
    await commitBatches(new PostgresRollupStore(dataSource), [batch]);
    const [found] = await dataSource.query("SELECT id FROM finding WHERE detector = 'email'");
    finding = (found as { id: string }).id;
    const store = new PostgresPolicyStore(dataSource);
    const life = new PostgresPolicyLife(dataSource, audit);
    const sets = new PostgresPolicySetStore(dataSource, audit);
    ports = {
      rollouts: new PostgresRollouts(store, life, sets),
      evidence: new PostgresEvidenceStore(dataSource),
      collectors: reportingCollectors(dataSource, sets),
      simulations: { newest: async () => null },
      findings: policyFindings(dataSource, new PostgresFindingHistory(dataSource)),
    };
    const body: Policy = {
      ...{ cause: 'leak span note', title: 'Mask email in note', reason: '', location: 'span', key: 'note' },
      ...{ services: [SERVICE], action: { kind: 'mask-value' }, findings: [finding] },
    };
    const draft = await life.draft('default', 'default', body, 'ann');
    policy = draft.id;
    const stages = [{ name: 'canary', labels: { stage: 'canary' } }];
    const settings = { ...DEFAULT_SETTINGS, stages, soakSeconds: 60 };
    await sets.put('default', settings, 0, 'ann');
    await life.approve('default', policy, {
      ...{ by: 'ben', contentHash: null, settings },
      simulated: null,
      waiver: null,
      now: NOW,
    });
    await sets.keepRevision('default', 'r1', [`${policy}@1`]);
    await sets.keepRevision('default', 'r0', ['other@1']);
    // One span in four leaked before.
    await received(NOW - 10 * MINUTE, 400, 100);
  });

  test('a stage that is proved goes on, the last one makes it active and its findings resolved', async () => {
    await collector('c1', 'applying', { stage: 'canary' });
    await received(NOW + MINUTE, 50, 0, { revision: 'r1' });
    expect(await step(120)).toBe(0);
    await collector('c1', 'applied', { stage: 'canary' });
    expect(await step(30)).toBe(0);
    expect(await step(120)).toBe(1);
    expect(await row()).toMatchObject({ state: 'approved', rollout: { stage: 1, status: 'running' } });
    expect(await findingRow()).toMatchObject({ state: 'open' });
    expect(await step(130)).toBe(0);
    expect(await step(240)).toBe(1);
    expect(await row()).toMatchObject({
      state: 'active',
      rollout: { stage: 1, status: 'done' },
      proof: { verdict: 'proved', before: { spans: 400, matches: 100 }, spansWanted: 12 },
    });
    expect(await findingRow()).toMatchObject({ state: 'resolved', resolution: 'redacted_by_policy' });
    expect(await step(300)).toBe(0);
    // From the moment of the proof on the next match opens it again.
    const [{ at }] = await dataSource.query("SELECT max(at) AS at FROM finding_event WHERE action = 'resolved'");
    expect((await findingRow()).reopen_after?.getTime()).toBeLessThanOrEqual(Math.max(NOW, +(at as Date)) + 1);
  });

  test('what passed other policies, or none, proves nothing', async () => {
    await received(NOW + MINUTE, 5_000, 0, { revision: 'r0' });
    await received(NOW + MINUTE, 5_000, 0);
    expect(await step(300)).toBe(0);
    expect(await row()).toMatchObject({
      rollout: { stage: 0 },
      proof: { verdict: 'insufficient_evidence', after: [] },
    });
  });

  test('a match that came through halts it; going on forgets it', async () => {
    await received(NOW + MINUTE, 500, 1, { revision: 'r1' });
    expect(await step(120)).toBe(1);
    expect(await row()).toMatchObject({
      state: 'approved',
      rollout: {
        status: 'halted',
        isWithdrawn: false,
        reason: '1 match came through 1 of 1 collectors under the policy.',
      },
      proof: { verdict: 'failed', after: [{ collector: 'c1', spans: 500, matches: 1 }] },
    });
    expect(await step(130)).toBe(0);
    const life = new PostgresPolicyLife(dataSource, audit);
    const now = NOW + 150_000;
    const again = { status: 'running', stageSince: now, evidenceFrom: now, reason: '' } as const;
    await life.roll('default', policy, 'ben', 'policy.resume', (rollout) => ({ ...rollout, ...again }));
    await received(NOW + 4 * MINUTE, 500, 0, { revision: 'r1' });
    expect(await step(330)).toBe(1);
    expect(await row()).toMatchObject({ rollout: { stage: 1, status: 'running' } });
  });

  test('a collector that could not apply it halts and withdraws it', async () => {
    await collector('c1', 'failed', { stage: 'canary' });
    await collector('c2', 'failed', { stage: 'prod' });
    expect(await step(10)).toBe(1);
    expect(await row()).toMatchObject({
      rollout: { status: 'halted', isWithdrawn: true, reason: 'Collector c1 could not apply it.' },
    });
    expect(await new PostgresPolicyStore(dataSource).approved('default', 'default')).toEqual([]);
  });

  test('spans that are missing beyond what is expected halt and withdraw it', async () => {
    await received(NOW - 20 * MINUTE, 40_000, 0);
    await received(NOW + MINUTE, 10, 0, { revision: 'r1' });
    await received(NOW + 2 * MINUTE, 20, 0, { revision: 'r1' });
    expect(await step(420)).toBe(1);
    expect(await row()).toMatchObject({ rollout: { status: 'halted', isWithdrawn: true } });
  });

  test('what is active and leaks again is halted, and the log says so', async () => {
    await received(NOW + MINUTE, 500, 0, { revision: 'r1' });
    for (const seconds of [120, 240]) expect(await step(seconds)).toBe(1);
    await received(NOW + 5 * MINUTE, 10, 3, { revision: 'r1' });
    expect(await step(330)).toBe(1);
    expect(await row()).toMatchObject({ state: 'active', rollout: { status: 'halted' }, proof: { verdict: 'failed' } });
    const rows: { action: string }[] = await dataSource.query(
      "SELECT action FROM audit_event WHERE object = $1 AND actor = 'spanwarden' ORDER BY seq",
      [`policy/${policy}`],
    );
    expect(rows.map(({ action }) => action)).toEqual(['policy.advance', 'policy.activate', 'policy.halt']);
  });
});
