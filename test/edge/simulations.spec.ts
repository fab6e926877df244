import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { simulationTools } from '../../src/edge/policy/simulation-tools.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import type {
  PolicyPage,
  ProblemDocument,
  Simulation,
  SimulationDetail,
  SimulationPage,
} from '../../src/edge/serve/contract.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { PolicyRow } from '../../src/edge/store/entities/index.js';
import { PostgresSimulationStore } from '../../src/edge/store/simulation-store.js';
import { DEFAULT_DECODE_LIMITS } from '../../src/engine/decode/limits.js';
import { decodeTraceDocument } from '../../src/engine/decode/trace-document.js';
import type { Policy, PolicyAction, SampleAction } from '../../src/engine/model/policy.js';
import { TraceSampler } from '../../src/engine/policy/sample-traces.js';
import { encodeRequest, type TestResource, type TestSpan } from '../support/otlp.js';
import { eventually, newHome, type Service, startService } from '../support/service.js';

/*
 * Policies simulated on spans that real processes receive, over one PostgreSQL. Policies are written past the suggestions,
 * so that each says exactly what the test is about; they are approved ones, since suggestions without a finding are withdrawn.
 */

const home = newHome();
const env = {
  SPANWARDEN_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
  SPANWARDEN_ADMIN_TOKEN: 'admin-token-of-the-test',
  SPANWARDEN_ANALYSIS_THREADS: '2',
  SPANWARDEN_TRACE_IDLE_SECONDS: '1',
  // All that comes is looked at, so that counts are exact on a busy machine, too.
  SPANWARDEN_SIMULATION_PERCENT: '100',
};
let postgres: EmbeddedPostgres;
let database: DataSource;
let service: Service;
let last = 0;

beforeAll(async () => {
  postgres = await startEmbeddedPostgres(home);
  service = await startService({ env: { ...env, DATABASE_URL: postgres.url } });
  database = await makeDataSource(postgres.url, 2).initialize();
});

afterAll(async () => {
  await service?.stop();
  await database?.destroy();
  await postgres?.stop();
  rmSync(home, { recursive: true, force: true });
});

const JSON_BODY = { 'content-type': 'application/json' };

async function propose(services: string[], key: string, action: PolicyAction, location: Policy['location'] = 'span') {
  const id = `00000000-0000-4000-8000-${String(++last).padStart(12, '0')}`;
  const body: Policy = {
    cause: id,
    title: `Policy ${last}`,
    reason: 'test',
    location,
    key,
    services,
    action,
    findings: [],
  };
  const row = { tenantId: 'default', id, version: 1, policySet: 'default', state: 'approved' as const };
  await database.getRepository(PolicyRow).insert({ ...row, body: body as never, contentHash: `${last}` });
  return id;
}

const start = (policy: string, body: object = {}, at = service) =>
  at.api<Simulation & ProblemDocument>(`/api/v1/policies/${policy}/simulations`, {
    ...{ method: 'POST', headers: JSON_BODY, body: JSON.stringify(body) },
  });
const get = async (id: string, at = service) => (await at.api<SimulationDetail>(`/api/v1/simulations/${id}`)).body;
const stop = async (id: string, at = service) =>
  (await at.api<SimulationDetail>(`/api/v1/simulations/${id}`, { method: 'DELETE' })).body;
const ended = (id: string, at = service, seconds = 30) =>
  eventually(
    () => get(id, at),
    ({ state }) => state === 'done',
    seconds,
  );

async function started(policy: string, body: object = {}, at = service): Promise<string> {
  const answer = await start(policy, body, at);
  expect([answer.status, answer.body.state]).toEqual([201, 'running']);
  return answer.body.id;
}

async function send(resources: TestResource[], at = service): Promise<void> {
  expect((await at.send(encodeRequest(resources))).status).toBe(200);
}

const shop = (spans: TestSpan[], name = 'shop'): TestResource[] => [{ resource: { 'service.name': name }, spans }];
const mailed = (i: number, mail = `user${i}@shop.test`): TestSpan => ({
  ...{ name: 'send', attributes: { 'mail.to': mail, n: i }, traceId: i.toString(16).padStart(32, 'a') },
});
const batch = (from: number, size: number, mail?: string): TestSpan[] =>
  Array.from({ length: size }, (_, i) => mailed(from + i, mail));

describe('a policy that masks', () => {
  test('counts exactly what it does to the spans of its services', async () => {
    const policy = await propose(['shop'], 'mail.to', { kind: 'mask-value' });
    const id = await started(policy);
    await send(shop(batch(0, 5), 'other'));
    for (let i = 0; i < 20; i++) await send(shop(batch(10 * i, 10)));
    const { total, findings, services, attributes, saving, note, ...rest } = await stop(id);
    expect(rest).toMatchObject({
      ...{ state: 'done', ended_by: 'stopped', policy_id: policy, version: 1, is_current: true, traces: null },
      progress: { spans: 200, max_spans: 20_000, share: 1, requests: 21, skipped_requests: 0 },
    });
    expect(note).toBeNull();
    expect(total).toMatchObject({
      ...{ spans: 200, spans_touched: 200, spans_dropped: 0, values_masked: 200 },
      ...{ keys_removed: 0, keys_renamed: 0, span_names_generalised: 0 },
    });
    // Another encoder says the same, but for the frames of the 20 requests, which are no part of the spans' bytes.
    const size = (mail?: string): number =>
      Array.from({ length: 20 }, (_, i) => encodeRequest(shop(batch(10 * i, 10, mail))).length).reduce((a, b) => a + b);
    expect(Math.abs(total.bytes_removed - (size() - size('****')))).toBeLessThanOrEqual(2 * 20);
    const bytes = total.bytes_before - total.bytes_after;
    expect(total.bytes_removed).toBe(bytes);
    expect(findings.find(({ detector }) => detector === 'email')).toMatchObject({
      ...{ service: 'shop', key: 'mail.to', before: 200, after: 0, change: 'gone' },
    });
    expect(services).toMatchObject([{ service: 'shop', spans: 200, bytes_removed: bytes }]);
    expect(attributes).toMatchObject([{ key: 'mail.to', before: { observations: 200 }, after: { observations: 200 } }]);
    expect(saving).toMatchObject({ verdict: 'estimated', price_model: 'grafana-cloud-traces', currency: 'USD' });
    expect(saving.bytes).toBeGreaterThan(0);
    expect(saving.bytes_interval!.low).toBeLessThanOrEqual(saving.bytes!);
    expect(saving.money).toBeGreaterThan(0);
    expect(saving.basis).toMatch(/^usage of \d hours?: /);
  });

  test('looks at no more spans than its limit, and ends there', async () => {
    const policy = await propose(['shop'], 'mail.to', { kind: 'delete' });
    const id = await started(policy, { max_spans: 100 });
    for (let i = 0; i < 5; i++) await send(shop(batch(0, 30)));
    const { total, ...rest } = await ended(id);
    expect(rest).toMatchObject({ ended_by: 'limit', progress: { spans: 100, max_spans: 100, seconds_left: 0 } });
    expect(total).toMatchObject({ spans: 100, keys_removed: 100 });
    expect(rest.saving).toMatchObject({ verdict: 'insufficient_evidence', money: null, bytes: null });
    expect(rest.saving.reason).toContain('at least 100 and 17');
  });

  test('ends when its time is over', async () => {
    const policy = await propose(['shop'], 'mail.to', { kind: 'hash' });
    const id = await started(policy, { duration_seconds: 10 });
    await send(shop(batch(0, 3)));
    const seen = await eventually(
      () => get(id),
      ({ total }) => total.spans === 3,
    );
    expect(seen.progress.seconds_left).toBeLessThanOrEqual(10);
    expect(await ended(id)).toMatchObject({ ended_by: 'time', total: { spans: 3, values_masked: 3 } });
  });

  test('says why there is nothing to see', async () => {
    const policy = await propose(['nowhere'], 'mail.to', { kind: 'delete' });
    const id = await started(policy);
    expect((await get(id)).note).toBe('No spans have come in since it began.');
    await send(shop(batch(0, 3)));
    expect((await stop(id)).note).toBe('1 request came in, none with spans of its services: nowhere.');
    const other = await started(await propose(['shop'], 'no.such.key', { kind: 'delete' }));
    await send(shop(batch(0, 3)));
    expect(await stop(other)).toMatchObject({
      note: 'None of 3 spans has what the policy changes: span attribute no.such.key.',
      total: { spans: 3, spans_touched: 0 },
    });
  });
});

describe('the API', () => {
  test('takes one simulation of a policy at a time, of what is proposed, within bounds', async () => {
    const policy = await propose(['shop'], 'mail.to', { kind: 'delete' });
    const wrong = await start(policy, { duration_seconds: 5, max_spans: 'many', more: 1 });
    expect(wrong.status).toBe(400);
    expect(wrong.body.errors.map(({ where }) => where).sort()).toEqual([
      'body.duration_seconds',
      'body.max_spans',
      'body.more',
    ]);
    const id = await started(policy);
    const twice = await start(policy);
    expect([twice.status, twice.body.code]).toEqual([409, 'running']);
    expect((await stop(id)).state).toBe('done');
    expect((await stop(id)).ended_by).toBe('stopped');
    const again = await started(policy);
    await stop(again);

    const { body } = await service.api<SimulationPage>(`/api/v1/policies/${policy}/simulations?limit=1`);
    expect(body.data.map((row) => row.id)).toEqual([again]);
    const rest = await service.api<SimulationPage>(`/api/v1/policies/${policy}/simulations?cursor=${body.next_cursor}`);
    expect([rest.body.data.map((row) => row.id), rest.body.next_cursor]).toEqual([[id], null]);

    await database.getRepository(PolicyRow).update({ id: policy }, { state: 'rolled_back' });
    const none = await start(policy);
    expect([none.status, none.body.code]).toEqual([409, 'not-proposed']);
    for (const path of ['policies/x/simulations', `simulations/${policy}`, 'simulations/x']) {
      expect((await service.api(`/api/v1/${path}`)).status).toBe(404);
    }
    expect((await start('00000000-0000-4000-8000-999999999999')).status).toBe(404);
  });

  test('tells the newest of a version that is done, as the port does', async () => {
    const store = new PostgresSimulationStore(database);
    const policy = await propose(['shop'], 'mail.to', { kind: 'delete' });
    expect(await store.newest('default', policy)).toBeNull();
    const first = await started(policy);
    await send(shop(batch(0, 4)));
    await stop(first);
    const second = await started(policy);
    expect(await store.newest('default', policy)).toMatchObject({ id: second, state: 'running' });
    const done = await store.newest('default', policy, 1);
    expect(done).toMatchObject({ id: first, state: 'done', version: 1, counts: { spansTouched: 4 } });
    expect(await store.newest('default', policy, 2)).toBeNull();
    await stop(second);
    // What is suggested became something else within the version.
    await database.getRepository(PolicyRow).update({ id: policy }, { contentHash: 'another' });
    expect(await store.newest('default', policy, 1)).toBeNull();
    expect((await get(first)).is_current).toBe(false);
  });

  test('a policy that people see has its simulations under its id', async () => {
    const { body } = await service.api<PolicyPage>('/api/v1/policies?limit=200');
    expect(body.data.length).toBeGreaterThan(0);
    for (const { id } of body.data) expect((await service.api(`/api/v1/policies/${id}/simulations`)).status).toBe(200);
  });
});

const RULES: Omit<SampleAction, 'kind' | 'stage'> = {
  environment: '',
  keep: { errors: true, slowerThanMs: 800, critical: [{ kind: 'attribute', key: 'tier', value: 'gold' }] },
  operations: [{ service: 'web', operation: 'GET /cart', probability: 0.3 }],
  ...{ otherwise: 0.5, floor: 0.01, budget: null, adaptive: false },
};

/** Traces of two services, of every kind. */
function traces(count: number): { roots: TestSpan[]; children: TestSpan[] } {
  const start = Date.now() - 5_000;
  const made = Array.from({ length: count }, (_, i) => {
    const traceId = (i + 1).toString(16).padStart(8, '0').repeat(4);
    const root: TestSpan = {
      ...{ traceId, spanId: 'a'.repeat(16), name: i % 6 === 0 ? 'GET /rare' : 'GET /cart', start },
      took: i % 10 === 3 ? 900 : 20,
      status: { code: i % 10 === 1 ? 2 : 0 },
      attributes: i % 10 === 5 ? { tier: 'gold' } : {},
    };
    return {
      root,
      child: { traceId, spanId: 'b'.repeat(16), parentSpanId: root.spanId!, name: 'query', start, took: 5 },
    };
  });
  return { roots: made.map(({ root }) => root), children: made.map(({ child }) => child) };
}

describe('a policy that samples', () => {
  test('counts the traces that it keeps and drops by kind, when their spans come in different requests', async () => {
    const policy = await propose([], 'trace_id', { kind: 'sample', stage: 'tail', ...RULES });
    const id = await started(policy);
    const { roots, children } = traces(100);
    for (let i = 0; i < 100; i += 10) {
      await send(shop(children.slice(i, i + 10), 'db'));
      await send(shop(roots.slice(i, i + 10), 'web'));
    }
    const { traces: result, total, saving, ...rest } = await stop(id);
    expect(result).toMatchObject({ verdict: 'estimated', whole: 100, broken: 0, open: 0, slow_ms: 800 });
    expect(rest.progress.spans).toBe(200);

    // Decided on as a whole, which `npm run conformance` holds against a collector.
    const all = encodeRequest([...shop(roots, 'web'), ...shop(children, 'db')]);
    const decoded = decodeTraceDocument(all, 'otlp-protobuf', DEFAULT_DECODE_LIMITS) as { request: object };
    const row = await database.getRepository(PolicyRow).findOneByOrFail({ id: policy });
    const version = { id: policy, version: 1, state: row.state, policy: row.body };
    const decisions = new TraceSampler([version], simulationTools()).run(decoded.request);
    const dropped = decisions.filter(({ isKept }) => !isKept).length;
    expect(dropped).toBeGreaterThan(10);
    const sum = (of: 'traces_kept' | 'traces_dropped' | 'spans_dropped'): number =>
      result!.classes.reduce((n, one) => n + one[of], 0);
    expect([sum('traces_kept'), sum('traces_dropped'), sum('spans_dropped')]).toEqual([
      100 - dropped,
      dropped,
      2 * dropped,
    ]);
    expect(total).toMatchObject({ spans: 200, spans_dropped: 2 * dropped });
    const byClass = Object.fromEntries(result!.classes.map((one) => [one.class, one]));
    expect(byClass.error).toMatchObject({ traces_kept: 10, traces_dropped: 0 });
    expect(byClass.slow).toMatchObject({ traces_kept: 10, traces_dropped: 0 });
    expect(byClass.critical).toMatchObject({ traces_kept: 10, traces_dropped: 0 });
    const rare = roots.filter((_, i) => i % 6 === 0 && ![1, 3, 5].includes(i % 10)).length;
    expect(byClass.rare!.traces_kept + byClass.rare!.traces_dropped).toBe(rare);
    expect(saving.verdict).toBe('estimated');
    expect(saving.spans).toBeGreaterThan(0);
  });

  test('says nothing of traces that do not come whole', async () => {
    const policy = await propose([], 'trace_id', { kind: 'sample', stage: 'tail', ...RULES });
    const id = await started(policy);
    const { roots, children } = traces(60);
    await send(shop(roots.slice(0, 30), 'web'));
    await send(shop(children, 'db'));
    // The others end without a root when nothing comes of them any more.
    const { traces: result, saving } = await eventually(
      () => get(id),
      (s) => s.traces!.broken === 30,
    );
    expect(result).toMatchObject({ verdict: 'insufficient_evidence', whole: 30 });
    expect(result!.reason).toContain('50 % of the traces came whole');
    expect(saving).toMatchObject({ verdict: 'insufficient_evidence', reason: result!.reason });
    await stop(id);
  });
});

describe('several processes', () => {
  test('add up, keep one limit, and one that dies leaves nothing running', async () => {
    const ingest = { ...env, DATABASE_URL: postgres.url, SPANWARDEN_ROLES: 'ingest' };
    const one = await startService({ env: ingest });
    const two = await startService({ env: ingest });
    try {
      const id = await started(await propose(['shop'], 'mail.to', { kind: 'mask-value' }), { max_spans: 1_000 });
      // Each has its share of the limit when it has heard of the simulation.
      await eventually(
        () => database.query('SELECT held FROM simulation_part WHERE simulation_id = $1 AND held > 0', [id]),
        (parts: unknown[]) => parts.length === 3,
      );
      await send(shop(batch(0, 40)), one);
      await send(shop(batch(40, 50)), two);
      await send(shop(batch(90, 60)));
      const sum = await eventually(
        () => get(id),
        ({ total }) => total.spans === 150,
      );
      expect(sum.total).toMatchObject({ spans_touched: 150, values_masked: 150 });
      expect(sum.progress.requests).toBe(3);

      await one.kill();
      for (let i = 0; i < 40; i++) {
        await send(shop(batch(0, 20)), two);
        await send(shop(batch(0, 20)));
      }
      const seen = await get(id);
      expect(seen.progress.spans).toBeLessThanOrEqual(1_000);
      expect(seen.total.spans).toBeLessThanOrEqual(1_000);
      const more = async () => {
        await send(shop(batch(0, 100)), two);
        return get(id);
      };
      const done = await eventually(more, ({ state }) => state === 'done', 60);
      expect(done.ended_by).toBe('limit');
      expect(done.total.spans).toBeLessThanOrEqual(1_000);
      // What the dead process held is nobody's any more; all but less than one span for each of the others was used.
      expect(done.total.spans).toBeGreaterThanOrEqual(998);
      expect(done.total.values_masked).toBe(done.total.spans);
    } finally {
      await one.stop();
      await two.stop();
    }
  });

  test('a simulation whose processes all died ends with its time, with what they wrote', async () => {
    const lone = await startService({ env: { ...env, DATABASE_URL: postgres.url, SPANWARDEN_ROLES: 'ingest' } });
    const policy = await propose(['shop'], 'mail.to', { kind: 'mask-value' });
    await service.stop();
    // Started past the API, of which no process is left.
    const store = new PostgresSimulationStore(database);
    const row = await store.start('default', policy, { durationSeconds: 10, maxSpans: 500 }, 'test');
    const { id } = row as { id: string };
    const counted = async () => {
      await send(shop(batch(0, 10)), lone);
      return (await store.newest('default', policy))!.counts.spansTouched;
    };
    expect(await eventually(counted, (spans) => spans > 0)).toBeGreaterThan(0);
    await lone.kill();
    const done = await eventually(
      () => store.get('default', id),
      (s) => s!.state === 'done',
      40,
    );
    expect(done).toMatchObject({ endedBy: 'time' });
    expect((await store.newest('default', policy, 1))!.counts.spansTouched).toBeGreaterThan(0);
    expect((await store.running()).filter(({ row: other }) => other.id === id)).toEqual([]);
  });
});
