import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Attributes, encodeRequest } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';

interface Finding {
  readonly id: string;
  readonly level: string;
  readonly message: string;
  readonly context: Readonly<Record<string, string>>;
  readonly signal_type: string;
  readonly service: string;
  readonly team: string;
  readonly location: string;
  readonly key: string;
  readonly bytes: number;
  readonly state: string;
  readonly waiver: string | null;
}
interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
  readonly complete: boolean;
}
interface Problems {
  readonly code: string;
  readonly errors: readonly { readonly where: string }[];
}
interface ComplianceRow {
  readonly week: string;
  readonly team: string;
  readonly service: string | null;
  readonly observations: number;
  readonly violating_observations: number;
  readonly waived_observations: number;
  readonly observation_share: number;
  readonly keys: number;
  readonly violating_keys: number;
}

const REGISTRY = `
groups:
  - id: registry.acme
    type: attribute_group
    brief: Orders.
    attributes:
      - { id: acme.order.id, type: string, stability: stable, brief: Number of an order. }
`;
const BROKEN = `
file_format: definition/2
attributes:
  - { key: acme.order.id, type: text, stability: stable, brief: x }
  - { key: acme.order.no, type: int, stability: sometimes, brief: x }
`;
const DAY = 86_400_000;

let service: Service;
const folder = mkdtempSync(join(tmpdir(), 'spanwarden-conventions-'));

async function send(name: string, team: string, spans: readonly Attributes[]): Promise<void> {
  const resource = { 'service.name': name, team };
  const answer = await service.send(
    encodeRequest([{ resource, spans: spans.map((attributes) => ({ name: 'work', attributes })) }]),
  );
  expect(answer.status).toBe(200);
}

const findings = async (query = ''): Promise<readonly Finding[]> =>
  (await service.api<Page<Finding>>(`/api/v1/conventions/findings?limit=200&${query}`)).body.data;
const post = (method: string, path: string, body?: unknown) =>
  service.api<Readonly<Record<string, unknown>> & Problems>(`/api/v1/conventions/${path}`, {
    method,
    ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });

beforeAll(async () => {
  writeFileSync(join(folder, 'orders.yaml'), REGISTRY);
  service = await startService({ env: { SPANWARDEN_CONVENTIONS: folder } });
  await send('web', 'front', [
    { 'http.method': 'GET', 'http.request.method': 'GET', userId: 'u1', 'acme.order.id': 7, 'acme.cart': 'x' },
    { 'http.method': 'GET', 'http.request.method': 'FETCH', userId: 'u2', '=cmd': 1 },
  ]);
  await send('api', 'back', [
    { 'http.method': 'GET', 'user.id': 'u1', 'k8s.pod.name': 'p', [`long.${'k'.repeat(130)}`]: 1 },
  ]);
});

afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const brief = ({ service: at, id, level, key }: Finding): string => `${at} ${level} ${id} ${key}`;

describe('GET /conventions', () => {
  test('lists registries in the order in which they are asked, and every rule', async () => {
    const { body } = await service.api<{ registries: Record<string, unknown>[]; rules: { id: string }[] }>(
      '/api/v1/conventions',
    );
    expect(body.registries.map(({ kind }) => kind)).toEqual(['standard', 'company', 'vendor']);
    expect(body.registries[0]).toMatchObject({ attributes: 1006, deprecated: { renamed: 132, moved: 62 } });
    expect(body.registries[1]).toMatchObject({
      attributes: 1,
      name: expect.stringMatching(/^spanwarden-conventions-/),
    });
    expect(body.rules.map(({ id }) => id)).toContain('near_miss');
  });
});

describe('GET /conventions/findings', () => {
  test("finds what is wrong, by the company's registry too", async () => {
    const all = (await findings()).map(brief);
    expect(all).toEqual(
      expect.arrayContaining([
        'web improvement both_sent http.method',
        'api violation deprecated http.method',
        'web violation invalid_format userId',
        'web improvement inconsistent_spelling userId',
        'web violation missing_attribute userId',
        'web information missing_attribute acme.cart',
        'web violation type_mismatch acme.order.id',
        'web information undefined_enum_variant http.request.method',
        'api improvement wrong_level k8s.pod.name',
      ]),
    );
    expect(all).not.toContain('web violation deprecated http.method');
    expect(all.filter((line) => line.includes('near_miss userId'))).toEqual([]);
  });

  test('filters and pages, worst first', async () => {
    const levels = (await findings()).map(({ level }) => level);
    expect(levels).toEqual([...levels].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
    expect((await findings('level=violation&service=web&rule=invalid_format')).map(brief)).toEqual([
      'web violation invalid_format userId',
      'web violation invalid_format =cmd',
    ]);
    expect((await findings('team=back&key=http.method')).map(brief)).toEqual(['api violation deprecated http.method']);
    const collected: Finding[] = [];
    let cursor = '';
    for (let pages = 0; pages < 50; pages++) {
      const { body } = await service.api<Page<Finding>>(`/api/v1/conventions/findings?limit=3${cursor}`);
      expect(body.complete).toBe(true);
      collected.push(...body.data);
      if (body.next_cursor === null) break;
      cursor = `&cursor=${encodeURIComponent(body.next_cursor)}`;
    }
    expect(collected.map(brief)).toEqual((await findings()).map(brief));
  });

  test('gives all of them as CSV without formulas', async () => {
    const { text, headers } = await service.api<string>('/api/v1/conventions/findings.csv?level=violation');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const lines = text.trim().split('\r\n');
    expect(lines[0]).toBe(
      'level,rule,key,suggestion,message,service,environment,team,location,observations,bytes,state',
    );
    expect(lines.length).toBe((await findings('level=violation')).length + 1);
    expect(lines.some((line) => line.startsWith("violation,invalid_format,'=cmd,"))).toBe(true);
  });

  test('has no value of any attribute', async () => {
    const { text } = await service.api<string>('/api/v1/conventions/findings?limit=200');
    expect(text).not.toContain('FETCH');
  });
});

const ORDER = ['violation', 'improvement', 'information'];

describe('overrides', () => {
  test('change the level for one team, take the place of the one before, and can be taken back', async () => {
    const level = async (): Promise<string[]> => (await findings('rule=deprecated&team=back')).map((f) => f.level);
    expect(await level()).toEqual(['violation']);
    const reason = 'old dashboards until spring';
    const first = await post('PUT', 'overrides', { team: 'back', rule: 'deprecated', level: 'information', reason });
    expect(first.status).toBe(200);
    expect(await level()).toEqual(['information']);
    const second = await post('PUT', 'overrides', { team: 'back', rule: 'deprecated', level: 'off', reason });
    expect(second.body.id).toBe(first.body.id);
    expect(await level()).toEqual([]);
    const { body } = await service.api<{ data: unknown[] }>('/api/v1/conventions/overrides');
    expect(body.data).toEqual([second.body]);
    expect((await post('DELETE', `overrides/${second.body.id}`)).status).toBe(204);
    expect((await post('DELETE', `overrides/${second.body.id}`)).status).toBe(404);
    expect(await level()).toEqual(['violation']);
  });

  test('must name a rule and a level, and hold no secret', async () => {
    const wrong = await post('PUT', 'overrides', { rule: 'nope', level: 'loud' });
    expect([wrong.status, wrong.body.errors.map(({ where }) => where).sort()]).toEqual([
      400,
      ['body.level', 'body.reason', 'body.rule'],
    ]);
    const secret = await post('PUT', 'overrides', {
      ...{ rule: 'deprecated', level: 'off', team: 'bob@shop.test', reason: 'asked by ann@shop.test' },
    });
    expect([secret.status, secret.body.errors.map(({ where }) => where)]).toEqual([422, ['body.team', 'body.reason']]);
    expect(secret.text).not.toContain('ann@');
  });
});

describe('waivers', () => {
  const states = async (): Promise<string[]> =>
    (await findings('rule=deprecated')).map((f) => `${f.service} ${f.state}`);
  const waiver = { rule: 'deprecated', team: 'back', reason: 'an old dashboard reads it' };

  test('hold until they expire, and then the finding is back', async () => {
    const expires = Date.now() + 4_000;
    const made = await post('POST', 'waivers', { ...waiver, expires_at: new Date(expires).toISOString() });
    expect(made.status).toBe(201);
    expect(await states()).toEqual(['api waived']);
    expect((await findings('rule=deprecated&state=active')).length).toBe(0);
    expect((await findings('rule=deprecated'))[0]!.waiver).toBe(made.body.id);
    const [now] = (await compliance('service=api')).filter((row) => row.waived_observations > 0);
    expect(now).toMatchObject({ team: 'back', service: 'api' });
    await sleep(Math.max(0, expires - Date.now()) + 50);
    expect(await states()).toEqual(['api active']);
    const { body } = await service.api<Page<{ id: string; state: string }>>(
      '/api/v1/conventions/waivers?state=expired',
    );
    expect(body.data).toEqual([expect.objectContaining({ id: made.body.id, state: 'expired' })]);
  });

  test('can be removed, once, and only as waivers', async () => {
    const expires_at = new Date(Date.now() + DAY).toISOString();
    const made = await post('POST', 'waivers', { ...waiver, expires_at });
    const other = await post('POST', 'waivers', { ...waiver, team: 'front', expires_at });
    expect(await states()).toEqual(['api waived']);
    expect((await post('DELETE', `waivers/${made.body.id}`)).status).toBe(204);
    expect((await post('DELETE', `waivers/${made.body.id}`)).status).toBe(404);
    expect(await states()).toEqual(['api active']);
    const { body } = await service.api<Page<{ id: string }>>('/api/v1/conventions/waivers?state=in-force');
    expect(body.data.map(({ id }) => id)).toEqual([other.body.id]);
    const exclusion = await service.api<{ id: string }>('/api/v1/exclusions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ detector: 'email', service: 'web', reason: 'made up', expires_at }),
    });
    expect(exclusion.status).toBe(201);
    expect((await post('DELETE', `waivers/${exclusion.body.id}`)).status).toBe(404);
  });

  test('need an end within 180 days and something they cover; all problems at once', async () => {
    const expires_at = new Date(Date.now() + 181 * DAY).toISOString();
    const wrong = await post('POST', 'waivers', { rule: 'deprecated', reason: 'mail me: ann@shop.test', expires_at });
    expect([wrong.status, wrong.body.errors.map(({ where }) => where)]).toEqual([
      422,
      ['body', 'body.expires_at', 'body.reason'],
    ]);
    const missing = await post('POST', 'waivers', { rule: 'deprecated', team: 'back', reason: 'because' });
    expect([missing.status, missing.body.errors.map(({ where }) => where)]).toEqual([400, ['body.expires_at']]);
  });

  test('without a team hold in the analysis too', async () => {
    const expires_at = new Date(Date.now() + DAY).toISOString();
    const made = await post('POST', 'waivers', {
      rule: 'invalid_format',
      key: 'badKey',
      reason: 'on its way',
      expires_at,
    });
    expect(made.status).toBe(201);
    await send('late', 'back', [{ badKey: 1, otherKey: 1 }]);
    const { body } = await service.api<Page<{ key: string }>>('/api/v1/findings?detector=invalid_format&service=late');
    expect(body.data.map(({ key }) => key)).toEqual(['otherKey']);
  });
});

async function compliance(query = ''): Promise<readonly ComplianceRow[]> {
  const { body } = await service.api<{ rows: ComplianceRow[]; complete: boolean }>(
    `/api/v1/conventions/compliance?${query}`,
  );
  expect(body.complete).toBe(true);
  return body.rows;
}

describe('GET /conventions/compliance', () => {
  test('counts observations and keys without a violation, by team and week', async () => {
    const rows = await compliance('group_by=service&team=front');
    const violations = await findings('service=web&level=violation');
    const violating = new Set(violations.map(({ location, key }) => `${location} ${key}`));
    expect(rows.map(({ team, service: name }) => [team, name])).toEqual([['front', 'web']]);
    const [web] = rows;
    expect(web!.week).toMatch(/^\d{4}-W\d\d$/);
    expect(web!.violating_keys).toBe(violating.size);
    expect(web!.observation_share).toBeCloseTo(1 - web!.violating_observations / web!.observations, 12);
    const teams = await compliance();
    expect(teams.map(({ team, service: name }) => [team, name])).toEqual([
      ['back', null],
      ['front', null],
    ]);
  });

  test('begins with a Monday, and goes back three months at most', async () => {
    const { body } = await service.api<{ window: { start: string } }>(
      '/api/v1/conventions/compliance?from=2026-08-27T10:00:00Z&to=2026-09-07T00:00:00Z',
    );
    expect(body.window.start).toBe('2026-08-24T00:00:00.000Z');
    const far = await service.api<Problems>(
      '/api/v1/conventions/compliance?from=2026-01-01T00:00:00Z&to=2026-09-07T00:00:00Z',
    );
    expect([far.status, far.body.errors[0]?.where]).toEqual([400, 'query.from']);
  });
});

test('GET /conventions/backends says what would be cut, and what nobody measured', async () => {
  const { body } = await service.api<{ data: { id: string; checks: Record<string, unknown>[] }[] }>(
    '/api/v1/conventions/backends',
  );
  const dash0 = body.data.find(({ id }) => id === 'dash0')!;
  expect(dash0.checks).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        limit: 'attribute_key_length',
        state: 'exceeds',
        examples: [{ service: 'api', name: `long.${'k'.repeat(130)}`, measured: 135 }],
      }),
      expect.objectContaining({ limit: 'span_name_length', state: 'fits' }),
      expect.objectContaining({ limit: 'spans_per_trace', state: 'not_measured' }),
    ]),
  );
});

test('GET /attributes and suggested policies know the registries too', async () => {
  const { body } = await service.api<Page<{ naming: { id: string; context: Record<string, string> }[] }>>(
    '/api/v1/attributes?key=userId',
  );
  expect(body.data[0]!.naming.find(({ id }) => id === 'near_miss')?.context.did_you_mean).toBe('user.id');
  const titles = await eventually(
    async () =>
      (await service.api<Page<{ title: string }>>('/api/v1/policies?limit=200')).body.data.map((p) => p.title),
    (all) => all.includes('Rename userId to user.id'),
  );
  expect(titles).toContain('Rename http.method to http.request.method');
});

test('a registry with mistakes stops the start with all of them', async () => {
  const broken = mkdtempSync(join(tmpdir(), 'spanwarden-conventions-'));
  writeFileSync(join(broken, 'orders.yaml'), BROKEN);
  try {
    const start = startService({ env: { SPANWARDEN_CONVENTIONS: broken } });
    await expect(start).rejects.toThrow(
      /attributes\[0\]: type: not known;[\s\S]*attributes\[1\]: stability: missing or unknown/,
    );
    const missing = startService({ env: { SPANWARDEN_CONVENTIONS: join(broken, 'nowhere') } });
    await expect(missing).rejects.toThrow(/SPANWARDEN_CONVENTIONS: not a folder/);
  } finally {
    rmSync(broken, { recursive: true, force: true });
  }
});
