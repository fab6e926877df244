import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { AuditLog } from '../../src/edge/audit/audit-log.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import { PolicySets } from '../../src/edge/serve/policy-sets.js';
import { SamplingStrategies } from '../../src/edge/serve/sampling-strategies.js';
import { makeDataSource, migrate } from '../../src/edge/store/data-source.js';
import { PostgresPolicyLife } from '../../src/edge/store/policy-life.js';
import { PostgresPolicySetStore } from '../../src/edge/store/policy-set-store.js';
import { PostgresPolicyStore } from '../../src/edge/store/policy-store.js';
import { PostgresQualityStore } from '../../src/edge/store/quality-store.js';
import { SamplingStore } from '../../src/edge/store/sampling-store.js';
import { PostgresUsageStore } from '../../src/edge/store/usage-store.js';
import type { SampleAction } from '../../src/engine/model/policy.js';
import { DEFAULT_SET, DEFAULT_SETTINGS } from '../../src/engine/model/rollout.js';
import { rateLookup } from '../../src/engine/policy/sampling-budget.js';
import { adaptSampling } from '../../src/flow/adapt-sampling.js';
import { TraceAudits } from '../../src/flow/audit.js';
import { samplingPolicy } from '../../src/flow/sampling-proposal.js';
import { suggestSampling } from '../../src/flow/suggest-sampling.js';
import { newHome } from '../support/service.js';
import { factsOf, type PlainSpan, T0 } from '../support/traces.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TENANT = 'default';
const SERVICES = new Set(['web']);

let home: string;
let postgres: EmbeddedPostgres;
let dataSource: DataSource;
let policies: PostgresPolicyStore;
let audit: AuditLog;
let life: PostgresPolicyLife;
let sampling: SamplingStore;
let quality: PostgresQualityStore;
let usage: PostgresUsageStore;

beforeAll(async () => {
  home = newHome();
  postgres = await startEmbeddedPostgres(home, { flags: ['fsync=off'] });
  dataSource = makeDataSource(postgres.url);
  await dataSource.initialize();
  await migrate(dataSource);
  policies = new PostgresPolicyStore(dataSource);
  audit = new AuditLog(dataSource, () => new Uint8Array(32), { findsIn: () => false });
  life = new PostgresPolicyLife(dataSource, audit);
  sampling = new SamplingStore(dataSource);
  quality = new PostgresQualityStore(dataSource);
  usage = new PostgresUsageStore(dataSource);
});

afterAll(async () => {
  if (dataSource.isInitialized) await dataSource.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

beforeEach(() => dataSource.query('TRUNCATE quality_hourly, policy, sampling_state, sampling_change'));

const KEEP = { errors: false, slowerThanMs: null, critical: [] };
const ACTION: SampleAction = {
  ...{ kind: 'sample', stage: 'sdk', environment: '', keep: KEEP, operations: [], otherwise: 1, floor: 0.01 },
  ...{ budget: { kind: 'spans_per_second', amount: 20 }, adaptive: true },
};

async function approved(name: string, action: Partial<SampleAction> = {}): Promise<string> {
  const { row } = await sampling.offer(TENANT, samplingPolicy(name, [], { ...ACTION, ...action }, {}));
  const settings = { by: 'admin', contentHash: null, settings: DEFAULT_SETTINGS, simulated: null, waiver: null };
  await life.approve(TENANT, row.id, { ...settings, now: Date.now() });
  return row.id;
}

/** A process that receives traces of two spans, as many a minute as it is told, and drops what the policy says. */
class Traffic {
  private trace = 0;
  private readonly audits: TraceAudits;

  constructor(readonly begin: number) {
    this.audits = new TraceAudits(quality.sink(new Date(begin - 1)), begin - 1, { idleMs: 1_000 });
  }

  async minute(now: number, load: Readonly<Record<string, number>>, took = 10): Promise<void> {
    const spans: PlainSpan[] = [];
    for (const [name, traces] of Object.entries(load)) {
      for (let i = 0; i < Math.round(traces); i++) {
        const [trace, start] = [this.trace++, now - T0 + (i % 1_000)];
        spans.push({ trace, id: 1, kind: 2, name, start, took, bytes: 400 });
        spans.push({ trace, id: 2, parent: 1, start, took: 1, bytes: 200 });
      }
    }
    const rollup = { usage: [], attributes: [], spanNames: [], services: [], findings: [] };
    const batch = { tenant: TENANT, id: '', day: '', rollup };
    this.audits.counted({ ...batch, audit: { facts: factsOf(spans), receivedAt: now + 2_000 } }, SERVICES);
    await this.audits.save(now + 10_000);
  }
}

async function round(now: number) {
  const versions = await policies.approved(TENANT, DEFAULT_SET);
  const sources = { quality, usage, tap: 'before' as const };
  return adaptSampling(TENANT, new Date(now + 15_000), versions, sources, sampling, () => undefined);
}

async function rates() {
  const [version] = await policies.approved(TENANT, DEFAULT_SET);
  const { operations, otherwise } = version!.policy.action as SampleAction;
  return { operations, otherwise };
}

describe('probabilities that follow the traffic', () => {
  test('are kept between rounds and over the hour, are in force without being asked for, and say how they changed', async () => {
    const id = await approved('adaptive');
    const traffic = new Traffic(T0 + 40 * MINUTE);
    const outcomes: string[] = [];
    for (let i = 0; i < 40; i++) {
      const now = traffic.begin + i * MINUTE;
      const rateOf = rateLookup(await rates());
      const kept = (operation: string, traces: number): number => traces * rateOf({ service: 'web', operation });
      await traffic.minute(now, { 'GET /': kept('GET /', 1_500), 'GET /cart': kept('GET /cart', 300) });
      outcomes.push(...(await round(now)).map(({ outcome }) => outcome));
    }
    const { operations, otherwise } = await rates();
    const rateOf = rateLookup({ operations, otherwise });
    const after = ['GET /', 'GET /cart'].map((operation) => rateOf({ service: 'web', operation }));
    // 2 spans a trace: 60 spans a second come, 20 are to stay.
    const spans = (2 * (1_500 * after[0]! + 300 * after[1]!)) / 60;
    expect(spans).toBeLessThanOrEqual(20 * 1.1);
    expect(spans).toBeGreaterThan(20 * 0.7);
    expect(otherwise).toBe(1);
    expect(outcomes[0]).toBe('insufficient_evidence');
    const changes = await sampling.changes(TENANT, id, 100, null);
    expect(changes.length).toBe(outcomes.filter((outcome) => outcome === 'changed').length);
    expect(changes.at(-1)!).toMatchObject({ version: 1, reason: expect.stringMatching(/% of the budget/) });
    expect(changes.at(-1)!.changes).toContainEqual(
      expect.objectContaining({ service: 'web', operation: 'GET /', from: 1 }),
    );
    // Each change begins where the one before ended.
    const path = changes.flatMap((one) => one.changes.filter(({ operation }) => operation === 'GET /')).reverse();
    for (const [i, change] of path.entries()) if (i > 0) expect(change.from).toBe(path[i - 1]!.to);
    expect(await sampling.state(TENANT, id)).toMatchObject({ version: 1, rates: { operations, otherwise } });
  });

  test('of another version begin with what was approved', async () => {
    const id = await approved('adaptive');
    await dataSource.query(
      `INSERT INTO sampling_state (tenant_id, policy_id, version, rates, memory, snapshot, outcome, checked_at)
       VALUES ($1, $2, 1, '{"operations":[],"otherwise":0.3}', '{}', '{"at":0,"from":0,"operations":[]}', 'changed', now())`,
      [TENANT, id],
    );
    expect((await rates()).otherwise).toBe(0.3);
    await approved('adaptive', { otherwise: 0.9 });
    expect((await rates()).otherwise).toBe(0.9);
    const [first] = await round(T0 + 10 * MINUTE);
    expect(first).toMatchObject({ id, outcome: 'insufficient_evidence', rates: null });
    expect(await sampling.state(TENANT, id)).toMatchObject({ version: 2, rates: null });
  });

  test('stay as they are where nothing comes, and where a policy is not adaptive', async () => {
    await approved('adaptive', { operations: [{ service: 'web', operation: 'GET /', probability: 0.2 }] });
    await approved('fixed', { adaptive: false });
    for (let i = 0; i < 8; i++) {
      const rounds = await round(T0 + i * MINUTE);
      expect(rounds.map(({ outcome }) => outcome)).toEqual(['insufficient_evidence']);
    }
    // Two processes at once: the second finds that the round was made.
    const both = await Promise.all([round(T0 + 9 * MINUTE), round(T0 + 9 * MINUTE)]);
    expect(both.flat()).toHaveLength(1);
  });
});

describe('suggestions', () => {
  const suggest = (now: number) =>
    policies
      .approved(TENANT, DEFAULT_SET)
      .then((versions) =>
        suggestSampling(
          TENANT,
          new Date(now),
          [],
          () => undefined,
          { quality, usage, tap: 'before', approved: versions },
          sampling,
        ),
      );
  const SHARED = { 'GET /a': 20, 'GET /b': 20, 'GET /c': 20 };

  test('come where few operations are most of the traffic, stay while that is so, and go', async () => {
    const traffic = new Traffic(T0);
    for (let i = 0; i < 7; i++) await traffic.minute(T0 + i * HOUR, { 'GET /': 20_000, ...SHARED }, i === 3 ? 900 : 10);
    const now = T0 + 6 * HOUR + 10 * MINUTE;
    expect(await suggest(now)).toBe(1);
    const [first] = await sampling.known(TENANT);
    expect(first).toMatchObject({ state: 'suggested', version: 1 });
    expect(first!.policy.reason).toMatch(/^3 of 4 operations begin 9\d % of all spans\.$/);
    const action = first!.policy.action as SampleAction;
    expect(action).toMatchObject({ stage: 'tail', adaptive: false, floor: 0.1, keep: { errors: true } });
    expect(Math.min(...action.operations.map(({ probability }) => probability))).toBeGreaterThanOrEqual(0.1);
    // The other job withdraws what nothing asks for, but not this.
    await policies.offer(TENANT, [], true);
    await traffic.minute(now, { 'GET /': 2_000, ...SHARED });
    await suggest(now + 5 * MINUTE);
    const [again] = await sampling.known(TENANT);
    expect(again!.policy).toEqual(first!.policy);
    await dataSource.query('TRUNCATE quality_hourly');
    await suggest(now + 6 * MINUTE);
    expect(await sampling.known(TENANT)).toEqual([]);
  });

  test('do not come where people have decided on sampling, and not for little traffic', async () => {
    const traffic = new Traffic(T0);
    for (let i = 0; i < 7; i++) await traffic.minute(T0 + i * HOUR, { 'GET /': 1_000, ...SHARED });
    expect(await suggest(T0 + 6 * HOUR + 10 * MINUTE)).toBe(0);
    for (let i = 0; i < 7; i++) await traffic.minute(T0 + i * HOUR + MINUTE, { 'GET /': 20_000 });
    await approved('own', { adaptive: false, stage: 'tail' });
    expect(await suggest(T0 + 6 * HOUR + 10 * MINUTE)).toBe(0);
  });
});

describe('strategies', () => {
  test('that were good are served while the database is away', async () => {
    await approved('served', { otherwise: 0.125, adaptive: false });
    const gone = await makeDataSource(postgres.url).initialize();
    const store = new PostgresPolicyStore(gone);
    const strategies = new SamplingStrategies(store, new PolicySets(store, new PostgresPolicySetStore(gone, audit)));
    const before = await strategies.get(TENANT, DEFAULT_SET);
    expect(before.strategyOf('web')).toEqual({ type: 'probabilistic', param: 0.125 });
    await gone.destroy();
    await sleep(2_100);
    expect(await strategies.get(TENANT, DEFAULT_SET)).toBe(before);
    const fresh = new SamplingStrategies(store, new PolicySets(store, new PostgresPolicySetStore(gone, audit)));
    await expect(fresh.get(TENANT, DEFAULT_SET)).rejects.toThrow();
  });
});
