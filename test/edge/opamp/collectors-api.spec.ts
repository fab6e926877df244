import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { idOf, offeredText, RawAgent, uid } from '../../support/opamp.js';
import { encodeRequest } from '../../support/otlp.js';
import { breaches, leaky, mail, plant, token } from '../../support/planted.js';
import { spanwarden } from '../../support/scan.js';
import { eventually, type Service, startService } from '../../support/service.js';

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly online: boolean;
  readonly up_to_date: boolean;
  readonly labels: Record<string, string>;
  readonly failed_hashes?: string[];
  readonly history?: { status: string }[];
}

let service: Service;
let collectorToken: string;
let agent: RawAgent;
const LABELS = { 'service.name': 'otelcol', 'host.name': 'node-1', tier: 'gateway' };

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'debug' } });
  collectorToken = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
  agent = await RawAgent.connect(service.endpoints.opamp!.replace('http', 'ws'), uid(1), collectorToken);
});

afterAll(async () => {
  await agent?.close();
  await service?.stop();
});

const list = async (query = '') =>
  (await service.api<{ data: Shown[]; next_cursor: string | null }>(`/api/v1/collectors${query}`)).body;
const one = (id: string) => service.api<Shown>(`/api/v1/collectors/${id}`);
const put = (id: string, body: object, bearer = collectorToken) =>
  service.api(`/api/v1/collectors/${encodeURIComponent(id)}/status`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const pull = (query: string, headers = {}) =>
  service.api(`/api/v1/policy-sets/default/collector.yaml${query}`, {
    headers: { authorization: `Bearer ${collectorToken}`, ...headers },
  });

test('the start says where agents connect to', () => {
  expect(service.output()).toContain(service.endpoints.opamp!.replace('http', 'ws'));
});

test('an agent is listed as soon as it spoke', async () => {
  expect((await list()).data).toEqual([]);
  await agent.ask({ labels: LABELS, health: { healthy: true, status: 'StatusOK' } });
  const { data } = await list();
  expect(data).toMatchObject([
    { id: idOf(agent.instance), kind: 'opamp', online: true, labels: LABELS, status: 'unset' },
  ]);
});

test('filters, pages and CSV', async () => {
  for (const n of [1, 2, 3]) {
    const body = {
      status: n === 1 ? 'failed' : 'applied',
      hash: String(n).repeat(64),
      labels: { tier: 'edge', n: String(n) },
    };
    expect((await put(`edge-${n}`, body)).status).toBe(204);
  }
  const ids = async (query: string) => (await list(query)).data.map(({ id }) => id);
  expect(await ids('?kind=agent')).toEqual(['edge-1', 'edge-2', 'edge-3']);
  expect(await ids('?label=tier%3Dedge&label=n%3D2')).toEqual(['edge-2']);
  expect(await ids('?status=failed')).toEqual(['edge-1']);
  expect(await ids('?status=applied&online=true')).toEqual(['edge-2', 'edge-3']);
  expect(await ids('?healthy=true')).toEqual([idOf(agent.instance)]);
  expect(await ids('?drifted=true')).toEqual([]);
  const first = await list('?limit=3');
  const rest = await list(`?limit=3&cursor=${first.next_cursor}`);
  expect([...first.data, ...rest.data].map(({ id }) => id).sort()).toEqual(
    ['edge-1', 'edge-2', 'edge-3', idOf(agent.instance)].sort(),
  );
  expect(rest.next_cursor).toBeNull();
  const csv = (await service.api<string>('/api/v1/collectors.csv?kind=agent')).text.trim().split('\n');
  expect(csv).toHaveLength(4);
  expect(csv[0]).toMatch(/^id,kind,service,/);
  for (const bad of ['?status=wrong', '?label=x', '?limit=0', '?cursor=x', '?unknown=1']) {
    expect((await service.api(`/api/v1/collectors${bad}`)).status).toBe(400);
  }
});

test('metrics count collectors and connections', async () => {
  const { text } = await service.api<string>('/metrics');
  expect(text).toMatch(/^spanwarden_policy_agents\{status="applied"\} 2$/m);
  expect(text).toMatch(/^spanwarden_policy_agents\{status="failed"\} 1$/m);
  expect(text).toMatch(/^spanwarden_opamp_connections 1$/m);
});

describe('reports over HTTP', () => {
  const HASH = 'c'.repeat(64);

  test('a collector that failed and one that came back', async () => {
    await put('edge-9', { status: 'applying', hash: HASH, interval_seconds: 60 });
    await put('edge-9', { status: 'failed', hash: HASH, error: 'no such function' });
    await put('edge-9', { status: 'applied', hash: 'd'.repeat(64) });
    const { body } = await one('edge-9');
    expect(body.history!.map(({ status }) => status)).toEqual(['applied', 'failed', 'applying']);
    expect(body).toMatchObject({ failed_hashes: [HASH], kind: 'agent' });
  });

  test('refusals', async () => {
    expect((await put('edge-9', { status: 'applied', hash: HASH }, 'wrong-token')).status).toBe(401);
    expect((await put('edge-9', { status: 'done', hash: HASH })).status).toBe(400);
    expect((await put('edge-9', { status: 'applied', hash: 'x' })).status).toBe(400);
    expect((await put('a/b', { status: 'applied', hash: HASH })).status).toBe(400);
    expect(
      (await service.api('/api/v1/collectors', { headers: { authorization: `Bearer ${collectorToken}` } })).status,
    ).toBeGreaterThanOrEqual(401);
    expect((await one('nobody')).status).toBe(404);
  });

  test('a collector that asks is listed; one that asks with nonsense gets its policies all the same', async () => {
    expect((await pull('?collector=puller-1&label=tier%3Dedge')).status).toBe(200);
    for (const query of [
      '?collector=',
      '?collector=a&collector=b',
      '?label',
      `?collector=${'x'.repeat(500)}`,
      '?label=%3D',
      '?x=y',
    ]) {
      expect((await pull(query)).status).toBe(200);
    }
    // Who asked is taken down beside the answer.
    const { data } = await eventually(
      () => list('?kind=pull'),
      (answer) => answer.data.length > 0,
    );
    expect(data).toMatchObject([{ id: 'puller-1', labels: { tier: 'edge' } }]);
  });

  test('spanwarden agent says who it is and what became of the policies', async () => {
    const file = join(service.home, 'policies.yaml');
    const args = [
      'agent',
      '--once',
      '--url',
      service.endpoints.http,
      '--file',
      file,
      '--collector',
      'true',
      '--label',
      'tier=beside',
    ];
    const { status, stderr } = spanwarden(args, '', { SPANWARDEN_COLLECTOR_TOKEN: collectorToken });
    expect([status, stderr]).toEqual([0, expect.stringContaining('in place')]);
    const { data } = await list('?label=tier%3Dbeside');
    expect(data).toMatchObject([{ kind: 'agent', status: 'applied', up_to_date: true }]);
    expect(data[0]!.id).toMatch(/-[0-9a-f]{8}$/);
    expect(spanwarden([...args, '--label', 'wrong']).status).toBe(2);
  });
});

test('a policy that is approved reaches an agent that is connected', async () => {
  await service.send(encodeRequest(leaky(mail)));
  const { body } = await eventually(
    () => service.api<{ data: { id: string }[] }>('/api/v1/policies'),
    (answer) => answer.body.data.length > 0,
  );
  const approved = await service.api(`/api/v1/policies/${body.data[0]!.id}/approve`, { method: 'POST' });
  expect(approved.status).toBe(200);
  expect(offeredText(await agent.next())).toContain('transform/spanwarden');
});

test('forgetting a collector forgets what it could not take', async () => {
  const remove = (id: string) => service.api(`/api/v1/collectors/${id}`, { method: 'DELETE' });
  expect([(await remove('edge-9')).status, (await remove('edge-9')).status, (await one('edge-9')).status]).toEqual([
    204, 404, 404,
  ]);
  await put('edge-9', { status: 'applied', hash: 'd'.repeat(64) });
  expect((await one('edge-9')).body).toMatchObject({ failed_hashes: [], status: 'applied' });
  expect((await remove(idOf(agent.instance))).status).toBe(204);
  expect((await agent.ask({})).flags).toBe(1);
});

test('nothing that collectors say over HTTP shows', async () => {
  const found: string[] = [];
  for (const make of [mail, token]) {
    const p = (): string => plant(make);
    const hash = 'e'.repeat(64);
    await put('edge-7', {
      status: 'failed',
      hash,
      error: `line\n${p()}`,
      version: p(),
      labels: { [p()]: 'x', note: `see ${p()}` },
    });
    found.push(...breaches('refusal', (await put(p(), { status: 'applied', hash })).text));
    found.push(...breaches('refusal', (await put('edge-7', { status: p(), hash: p() })).text));
    await pull(`?collector=${encodeURIComponent(p())}&label=${encodeURIComponent(`a=${p()}`)}`);
    await pull(`?collector=edge-7&label=${encodeURIComponent(`${p()}=${p()}`)}`);
    await agent.ask({ labels: { ...LABELS, note: p() }, health: { healthy: false, lastError: p() } });
  }
  for (const path of ['/api/v1/collectors', '/api/v1/collectors/edge-7', '/api/v1/collectors.csv', '/metrics']) {
    found.push(...breaches(path, (await service.api(path)).text));
  }
  found.push(...breaches('log', service.output()));
  expect(found).toEqual([]);
});
