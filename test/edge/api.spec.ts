import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import Ajv2020Module from 'ajv/dist/2020.js';
import addFormatsModule from 'ajv-formats';
import { API_CONTROLLERS } from '../../src/edge/serve/controllers/index.js';
import { openApiDocument, routesOf } from '../../src/edge/serve/openapi.js';
import { nameCaller } from '../support/callers.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, ROOT, type Service, startService } from '../support/service.js';

const Ajv2020 = Ajv2020Module.default;
const addFormats = addFormatsModule.default;

interface Operation {
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>
  >;
}
interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}
interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}
type Row = Readonly<Record<string, unknown>>;

let service: Service;
let document: OpenApi;
let findingId = '';
let policyId = '';
let reportId = '';
let subscriptionId = '';
let notificationRuleId = '';
let budgetId = '';
let canaryRun = '';
let samplingId = '';
let simulationId = '';
let tokenId = '';

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats(ajv);

beforeAll(async () => {
  service = await startService();
  document = (await service.api<OpenApi>('/api/v1/openapi.json')).body;
  ajv.addSchema(document, 'api');
  const spans = (service_: string) => ({
    resource: { 'service.name': service_, ...(service_ === 'shop' && { 'service.namespace': 'store' }) },
    spans: Array.from({ length: 5 }, (_, i) => ({
      name: `GET /users/${i}`,
      attributes: {
        'url.query': `mail=user${i}@shop.test`,
        'http.method': 'GET',
        [`k${i}`]: i,
        note: `card 4539578763621486`,
        'http.url': 'https://shop.test/',
      },
    })),
  });
  await service.send(encodeRequest([spans('web'), spans('shop')]));
  const findings = await service.api<Page<Row>>('/api/v1/findings');
  findingId = findings.body.data[0]!.id as string;
  const policies = await eventually(
    () => service.api<Page<Row>>('/api/v1/policies'),
    (answer) => answer.body.data.some(({ key }) => key === 'http.url'),
  );
  policyId = policies.body.data.find(({ key }) => key !== 'http.url')!.id as string;
  reportId = (await service.api<Row>('/api/v1/reports', { method: 'POST' })).body.id as string;
  const subscription = { name: 'Leads', audience: 'team-lead', target: { channel: 'mail', to: ['lead@example.com'] } };
  const subscribed = await service.api<Row>('/api/v1/subscriptions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(subscription),
  });
  subscriptionId = subscribed.body.id as string;
  const notified = await service.api<Row>('/api/v1/notification-rules', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'On call', events: ['finding_new'], target: subscription.target }),
  });
  notificationRuleId = notified.body.id as string;
  const budgeted = await service.api<Row>('/api/v1/budgets', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ team: 'store', unit: 'money', amount: 10 }),
  });
  budgetId = budgeted.body.id as string;
  const proved = policies.body.data.find(({ key }) => key === 'http.url')!.id as string;
  await service.api(`/api/v1/policies/${proved}/approve`, { method: 'POST' });
  canaryRun = (await service.api<Row>('/api/v1/canaries', { method: 'POST' })).body.id as string;
  const sampled = await service.api<Row>('/api/v1/sampling/policies', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ action: { stage: 'tail', otherwise: 0.5 } }),
  });
  samplingId = sampled.body.id as string;
  const simulated = await service.api<Row>(`/api/v1/policies/${proved}/simulations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ duration_seconds: 10 }),
  });
  simulationId = simulated.body.id as string;
  await service.api(`/api/v1/policies/${proved}/roll-back`, { method: 'POST' });
  tokenId = (await nameCaller(service, 'gateway', ['collector'])).token.id;
  await service.api('/api/v1/collectors/edge-1/status', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'applied', hash: 'a'.repeat(64) }),
  });
  await eventually(
    () => service.api<Row>(`/api/v1/reports/${reportId}`),
    (answer) => answer.body.state === 'ready',
  );
});

afterAll(async () => {
  await service?.stop();
});

/** Complaints about an answer that is not what the API description promises. */
function complaints(
  path: string,
  method: string,
  answer: { status: number; headers: Headers; body: unknown },
): unknown[] {
  const response = document.paths[path]![method]!.responses[answer.status];
  if (response === undefined) return [`${method} ${path}: ${answer.status} is not described`];
  const type = (answer.headers.get('content-type') ?? '').split(';')[0]!;
  if (response.content === undefined) return answer.body === '' ? [] : ['a body that is not described'];
  if (response.content[type] === undefined) return [`${type} is not described`];
  if (!/^application\/(?:problem\+)?json$/.test(type)) return [];
  const pointer = ['paths', path, method, 'responses', String(answer.status), 'content', type, 'schema'];
  const ref = pointer.map((part) => encodeURIComponent(part.replace(/~/g, '~0').replace(/\//g, '~1'))).join('/');
  const validate = ajv.getSchema(`api#/${ref}`)!;
  return validate(answer.body) ? [] : (validate.errors ?? []);
}

describe('description', () => {
  test('is OpenAPI 3.1, of every route, and the file in docs is the same', () => {
    expect(document.openapi).toBe('3.1.0');
    const routes = routesOf(API_CONTROLLERS).map(({ method, path }) => `${method} ${path}`);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(routes.sort());
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument(API_CONTROLLERS, version))));
    expect(JSON.parse(readFileSync(join(ROOT, 'docs', 'openapi.json'), 'utf8'))).toEqual(document);
  });

  test('every GET answers as described', async () => {
    const ids: Record<string, string> = {
      findings: findingId,
      policies: policyId,
      canaries: canaryRun,
      reports: reportId,
      subscriptions: subscriptionId,
      'notification-rules': notificationRuleId,
      budgets: budgetId,
      sampling: samplingId,
      simulations: simulationId,
      tokens: tokenId,
      'policy-sets': 'default',
      collectors: 'edge-1',
    };
    for (const [path, methods] of Object.entries(document.paths)) {
      if (methods.get === undefined) continue;
      const resource = path.split('/')[3]!;
      const url = path.replace('{service}/{key}', 'web/url.query').replace(/\{\w+\}/, ids[resource] ?? '');
      const answer = await service.api<unknown>(url);
      expect({ path, complaints: complaints(path, 'get', answer), status: answer.status }).toEqual({
        path,
        complaints: [],
        status: 200,
      });
    }
  });

  test('every query field of a list is read, and others are refused with all their problems', async () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      const parameters = methods.get?.parameters.filter((p) => p.in === 'query') ?? [];
      // A collector whose question were refused would end: what it says of itself is read as far as it can be.
      const isPull = path.endsWith('/collector.yaml');
      if (parameters.length === 0 || isPull) continue;
      const wrong = await service.api<{ errors: { where: string }[] }>(
        `${path}?limit=0&cursor=%21&nonsense=hunter2&from=yesterday`,
      );
      expect(wrong.status).toBe(400);
      expect(complaints(path, 'get', wrong)).toEqual([]);
      expect(wrong.body.errors.map((e) => e.where)).toContain('query.nonsense');
      expect(wrong.text).not.toContain('hunter2');
      expect(wrong.text).not.toContain('yesterday');
    }
  });
});

describe('access', () => {
  test('needs a token or a session, and the collector token opens only what collectors need', async () => {
    const collectorToken = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
    const status = async (path: string, authorization?: string): Promise<number> =>
      (await fetch(service.endpoints.http + path, authorization === undefined ? {} : { headers: { authorization } }))
        .status;
    for (const { path, method, description } of routesOf(API_CONTROLLERS)) {
      if (method !== 'get' || description!.access === 'local') continue;
      const url = path.replace('{name}', 'default').replace(/\{\w+\}/, findingId);
      expect([url, await status(url)]).toEqual([url, 401]);
      expect([url, await status(url, 'Bearer wrong')]).toEqual([url, 401]);
      const expected = description!.access === 'collector' ? 200 : 403;
      expect([url, await status(url, `Bearer ${collectorToken}`)]).toEqual([url, expected]);
    }
    expect([
      await status('/livez'),
      await status('/readyz'),
      await status('/metrics'),
      await status('/api/v1/openapi.json'),
    ]).toEqual([200, 200, 200, 200]);
  });

  test('the sign-in link opens one session, in a cookie that scripts cannot read', async () => {
    const token = service.signInUrl.split('#')[1]!;
    const signIn = (): Promise<Response> =>
      fetch(`${service.endpoints.http}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      });
    const first = await signIn();
    expect(first.status).toBe(200);
    expect((await signIn()).status).toBe(401);
    const setCookie = first.headers.get('set-cookie')!;
    expect(setCookie).toMatch(/HttpOnly/);
    expect(setCookie).toMatch(/SameSite=Strict/);
    const cookie = setCookie.split(';')[0]!;
    const get = (headers: Record<string, string>, method = 'GET', path = '/api/v1/session'): Promise<Response> =>
      fetch(service.endpoints.http + path, { method, headers: { cookie, ...headers } });
    expect(await (await get({})).json()).toEqual({ subject: 'admin', roles: ['admin'] });
    expect((await get({ 'sec-fetch-site': 'cross-site' }, 'POST', '/api/v1/reports')).status).toBe(401);
    expect((await get({}, 'DELETE')).status).toBe(204);
    expect((await get({})).status).toBe(401);
  });
});

describe('lists', () => {
  test('pages follow each other without gaps or repetitions', async () => {
    for (const path of ['/api/v1/findings', '/api/v1/attributes', '/api/v1/policies']) {
      const whole = (await service.api<Page<Row>>(`${path}?limit=200`)).body.data;
      const seen: Row[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '?limit=3' : `?limit=3&cursor=${encodeURIComponent(cursor)}`;
        const { body } = await service.api<Page<Row>>(path + query);
        seen.push(...body.data);
        cursor = body.next_cursor;
      }
      expect(whole.length).toBeGreaterThan(3);
      expect(seen).toEqual(whole);
    }
  });

  test('filters narrow', async () => {
    const ask = async (query: string): Promise<Row[]> => [
      ...(await service.api<Page<Row>>(`/api/v1/findings?${query}`)).body.data,
    ];
    expect((await ask('service=web&kind=pii')).map((f) => (f.detector as Row).id).sort()).toEqual([
      'email',
      'payment-card',
    ]);
    expect(await ask('severity=critical&location=event')).toEqual([]);
    const { body } = await service.api<Page<Row>>('/api/v1/attributes?service=web&key=url.query');
    expect(body.data).toMatchObject([
      { observations: 5, distinct: { estimate: 5, standard_error: 0 }, types: ['string'], team: 'unowned' },
    ]);
  });
});

describe('attributes', () => {
  type Card = {
    readonly team: string;
    readonly observations: number;
    readonly distinct: object;
    readonly growth: object;
    readonly shapes: string[];
    readonly share_of_spans: number;
    readonly share_of_bytes: number;
    readonly cost_per_month: { readonly amount: number };
    readonly days: readonly { readonly new_values: number }[];
    readonly emitters: readonly { readonly service: string }[];
    readonly sensitivity: { readonly class: { readonly id: string } | null; readonly findings: readonly Row[] };
    readonly meaning: Row | null;
    readonly naming: readonly Row[];
    readonly findings: readonly Row[];
    readonly policies: readonly { readonly title: string }[];
    readonly budget: Row | null;
    readonly suggestions: readonly Row[];
  };
  const card = async (path: string) => service.api<Card>(`/api/v1/attributes/${path}`);

  test('a card says what an attribute is, holds, costs, and whose it is', async () => {
    const { body } = await card('web/url.query');
    expect(body).toMatchObject({
      ...{ team: 'unowned', observations: 5, distinct: { estimate: 5, standard_error: 0 }, shapes: [] },
      growth: { class: 'insufficient_evidence', rate: null },
      meaning: { stability: 'stable', deprecated: null },
      ...{ share_of_spans: 1, naming: [], budget: null, suggestions: [] },
    });
    expect(body.sensitivity.findings.map((f) => f.detector)).toContain('email');
    expect(body.emitters.map((e) => e.service).sort()).toEqual(['shop', 'web']);
    expect(body.days.map((d) => d.new_values)).toEqual([5]);
    expect(body.share_of_bytes).toBeGreaterThan(0.1);
    expect(body.cost_per_month.amount).toBeGreaterThan(0);
    expect(body.policies.map((p) => p.title)).toEqual(['Mask email in url.query']);
    const old = (await card('web/http.method')).body;
    expect(old.meaning).toMatchObject({ deprecated: { reason: 'renamed', renamed_to: 'http.request.method' } });
    expect(old.naming).toMatchObject([{ id: 'deprecated' }]);
    expect(old.findings).toMatchObject([{ detector: 'deprecated', name: 'Deprecated attribute' }]);
    expect(old.shapes).toEqual(['A{3}']);
  });

  test('what is not there is not found', async () => {
    for (const path of ['web/nothing', 'nobody/url.query', 'web/url.query?location=resource', 'web/%00']) {
      expect([path, (await card(path)).status]).toEqual([path, 404]);
    }
  });

  test('the list narrows by team and class, and comes as CSV and JSON', async () => {
    const keys = async (query: string): Promise<unknown[]> =>
      (await service.api<Page<Row>>(`/api/v1/attributes?limit=200&${query}`)).body.data.map((row) => row.service);
    expect(new Set(await keys('team=store'))).toEqual(new Set(['shop']));
    expect(await keys('team=nobody')).toEqual([]);
    expect(await keys('growth=unbounded')).toEqual([]);
    const all = (await service.api<Page<Row>>('/api/v1/attributes?limit=200')).body.data;
    const json = await service.api<Page<Row>>('/api/v1/attributes.json');
    expect(json.body.data).toEqual(all);
    const csv = await service.api('/api/v1/attributes.csv?service=web&key=note');
    expect(csv.text.split('\r\n')).toHaveLength(3);
    expect(csv.text).toMatch(/^service,environment,team,location,key,types,shapes,observations,/);
  });

  test('budgets are set, listed and removed, and count on the card', async () => {
    const put = (body: object) =>
      service.api<Row>('/api/v1/attributes/budgets', {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await put({ max_distinct: 3 })).status).toBe(400);
    const refused = await put({ key: 'user jo@shop.test', max_distinct: 3 });
    expect([refused.status, refused.text.includes('shop.test')]).toEqual([400, false]);
    const set = await put({ service: 'web', key: 'url.query', max_distinct: 3 });
    expect(set).toMatchObject({ status: 200, body: { team: null, service: 'web', max_distinct: 3, author: 'admin' } });
    const again = await put({ service: 'web', key: 'url.query', max_distinct: 4 });
    expect(again.body.id).toBe(set.body.id);
    const list = await service.api<{ data: Row[] }>('/api/v1/attributes/budgets');
    expect(list.body.data).toMatchObject([{ max_distinct: 4 }]);
    expect((await card('web/url.query')).body.budget).toEqual({ max_distinct: 4, source: 'set', crossed: true });
    expect((await card('shop/url.query')).body.budget).toBeNull();
    const found = await eventually(
      () => service.api<Page<Row>>('/api/v1/findings?kind=cardinality'),
      ({ body }) => body.data.length > 0,
    );
    expect(found.body.data).toMatchObject([
      { detector: { id: 'budget_exceeded' }, service: 'web', key: 'url.query', occurrences: 1, severity: 'medium' },
    ]);
    const remove = (id: unknown) => service.api(`/api/v1/attributes/budgets/${id}`, { method: 'DELETE' });
    expect((await remove(set.body.id)).status).toBe(204);
    expect((await remove(set.body.id)).status).toBe(404);
    expect((await remove('nothing')).status).toBe(404);
  });
});

describe('ownership and costs', () => {
  test('costs add up to the total in every grouping, and follow the owner', async () => {
    const costs = async (group: string) =>
      (
        await service.api<{
          total: { bytes: number; cost: number; spans: number };
          rows: { group: string; bytes: number; cost: number; spans: number }[];
        }>(`/api/v1/costs?group_by=${group}`)
      ).body;
    for (const group of ['team', 'service', 'environment', 'attribute']) {
      const { total, rows } = await costs(group);
      expect(rows.reduce((sum, row) => sum + row.bytes, 0)).toBe(total.bytes);
      expect(rows.reduce((sum, row) => sum + row.spans, 0)).toBe(total.spans);
      expect(rows.reduce((sum, row) => sum + row.cost, 0)).toBeCloseTo(total.cost, 12);
    }
    expect((await costs('team')).rows.map((row) => row.group).sort()).toEqual(['store', 'unowned']);
    const put = {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ team: 'web team' }),
    };
    expect((await service.api('/api/v1/owners/web', put)).status).toBe(200);
    expect((await costs('team')).rows.map((row) => row.group).sort()).toEqual(['store', 'web team']);
    const { body } = await service.api<Page<Row>>('/api/v1/owners');
    const ever = { valid_from: null, valid_to: null };
    expect(body.data).toEqual([
      { service: 'shop', team: 'store', source: 'namespace', confidence: 'low', ...ever },
      { service: 'web', team: 'web team', source: 'mapping', confidence: 'high', ...ever },
    ]);
    expect((await service.api('/api/v1/owners/web', { method: 'DELETE' })).status).toBe(204);
    expect((await service.api('/api/v1/owners/web', { method: 'DELETE' })).status).toBe(404);
    expect((await service.api('/api/v1/owners/web', { ...put, body: '{"team":""}' })).status).toBe(400);
    expect((await service.api('/api/v1/owners/web', { ...put, body: '{' })).status).toBe(400);
    // What was stays as it was.
    const before = (await service.api<Page<Row>>('/api/v1/owners?at=2026-01-01T00:00:00Z')).body.data;
    expect(before.find((row) => row.service === 'web')).toMatchObject({ team: 'web team', source: 'mapping' });
  });

  test('a Backstage catalogue is taken whole or not at all', async () => {
    const put = (body: string, query = '') =>
      service.api<Row & { errors: Row[] }>(`/api/v1/owners/backstage${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/yaml' },
        body,
      });
    const component = (name: string, owner: string) =>
      `kind: Component\nmetadata: {name: ${name}}\nspec: {owner: ${owner}}\n`;
    const bad = await put([component('billing', 'user:jane'), component('billing', 'a'), 'kind: [\n'].join('---\n'));
    expect(bad.status).toBe(422);
    expect(bad.body.errors.map(({ where }) => where)).toEqual([
      expect.stringMatching(/^document 3: line \d+$/),
      'document 1: spec.owner',
      'document 2: metadata.name',
    ]);
    expect(JSON.stringify(bad.body)).not.toContain('jane');
    const good = [component('billing', 'group:default/Team-A'), 'kind: System\n', component('web', 'ops/web')];
    const from = '2026-01-01T00:00:00Z';
    expect((await put(good.join('---\n'))).body).toMatchObject({
      assigned: [
        { service: 'billing', team: 'team-a', valid_from: null },
        { service: 'web', team: 'ops/web' },
      ],
      unchanged: 0,
      skipped: 1,
    });
    expect((await put(good.join('---\n'))).body).toMatchObject({ assigned: [], unchanged: 2 });
    expect((await put(component('billing', 'team-b'), '?valid_from=2026-01-01T00:30:00Z')).status).toBe(400);
    expect((await put(component('billing', 'team-b'), `?valid_from=${from}`)).status).toBe(200);
    const ownerAt = async (query: string) =>
      (await service.api<Page<Row>>(`/api/v1/owners${query}`)).body.data.find((row) => row.service === 'billing');
    expect(await ownerAt('')).toMatchObject({ team: 'team-b', source: 'backstage', valid_to: null });
    expect(await ownerAt('?at=2025-12-31T23:59:59Z')).toMatchObject({
      team: 'team-a',
      valid_to: '2026-01-01T00:00:00.000Z',
    });
    expect((await service.api('/api/v1/owners.csv?team=team-b')).text).toBe(
      'service,team,source,confidence,valid_from,valid_to\r\nbilling,team-b,backstage,high,2026-01-01T00:00:00.000Z,\r\n',
    );
    const code = { codeowners: '/apps/ @shop/apps\n', services: [{ service: 'batch', path: 'apps/batch' }] };
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(code) };
    expect((await service.api('/api/v1/owners/codeowners', post)).body).toEqual({
      assigned: [{ service: 'batch', team: 'apps', valid_from: null }],
      unchanged: 0,
      skipped: 0,
    });
    expect((await service.api('/api/v1/owners/batch?source=codeowners', { method: 'DELETE' })).status).toBe(204);
    for (const name of ['billing', 'web']) {
      const path = `/api/v1/owners/${name}?source=backstage`;
      expect((await service.api(path, { method: 'DELETE' })).status).toBe(204);
    }
  });
});

describe('policies', () => {
  test('what is approved is served to collectors, under an ETag that changes with it', async () => {
    const path = '/api/v1/policy-sets/default/collector.yaml';
    const before = await service.api<string>(path);
    expect(before.text).toContain('0 approved policies');
    const etag = before.headers.get('etag')!;
    expect(etag).toMatch(/^"[0-9a-f]{32}"$/);
    expect((await service.api(path, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const policy = (await service.api<Row>(`/api/v1/policies/${policyId}`)).body;
    const approve = (ifMatch: string) =>
      service.api<Row>(`/api/v1/policies/${policyId}/approve`, { method: 'POST', headers: { 'if-match': ifMatch } });
    expect((await approve('"old"')).status).toBe(412);
    expect(await approve(policy.etag as string)).toMatchObject({
      status: 200,
      body: { state: 'approved', decided_by: 'admin' },
    });
    expect((await approve(policy.etag as string)).status).toBe(409);
    const after = await service.api<string>(path, { headers: { 'if-none-match': etag } });
    expect(after.status).toBe(200);
    expect(after.text).toContain('1 approved policy.');
    expect(after.text).toContain('statements:');
    expect((await service.api('/api/v1/policy-sets/other/collector.yaml')).status).toBe(404);
    // A collector that pulls over HTTP can only put its token into the URL.
    const collectorToken = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
    const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
    expect((await service.api(path, { headers: basic(`collector:${collectorToken}`) })).status).toBe(200);
    expect((await service.api('/api/v1/findings', { headers: basic(`x:${collectorToken}`) })).status).toBe(403);
    for (const wrong of ['collector:wrong', collectorToken, ':', '']) {
      expect((await service.api(path, { headers: { ...basic(wrong), 'x-forwarded-for': '192.0.2.1' } })).status).toBe(
        401,
      );
    }
    expect(
      (await service.api('/api/v1/policies/00000000-0000-0000-0000-000000000000/approve', { method: 'POST' })).status,
    ).toBe(404);
  });

  test('what is rolled back is served no more', async () => {
    const [{ id, etag }] = (await service.api<{ data: Row[] }>('/api/v1/policies?state=approved')).body.data as [Row];
    const rollBack = (ifMatch: string) =>
      service.api<Row>(`/api/v1/policies/${id}/roll-back`, { method: 'POST', headers: { 'if-match': ifMatch } });
    expect((await rollBack('"old"')).status).toBe(412);
    expect(await rollBack(etag as string)).toMatchObject({ status: 200, body: { state: 'rolled_back' } });
    expect((await rollBack('*')).status).toBe(409);
    const { text } = await service.api<string>('/api/v1/policy-sets/default/collector.yaml');
    expect(text).toContain('0 approved policies');
    expect(text).toContain('trace_statements: []');
    const none = '00000000-0000-0000-0000-000000000000';
    expect((await service.api(`/api/v1/policies/${none}/roll-back`, { method: 'POST' })).status).toBe(404);
  });
});

describe('reports', () => {
  test('a report is made on demand and reads in every format', async () => {
    const { body: report } = await service.api<{ formats: Record<string, string>; content_hash: string }>(
      `/api/v1/reports/${reportId}`,
    );
    const [md, html, json] = await Promise.all(
      ['md', 'html', 'json'].map((format) => service.api<Row>(report.formats[format]!)),
    );
    expect(md!.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    expect(md!.text).toMatch(/^# Report for security: /);
    expect(md!.text).toContain('Payment card number');
    expect(html!.text).toMatch(/^<!doctype html>/);
    expect(html!.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(json!.body).toMatchObject({
      content_hash: report.content_hash,
      report: { edition: 'on-demand', usage: { spans: { now: 10 }, services: { now: 2 } } },
    });
    expect((await service.api(`/api/v1/reports/${reportId}.docx`)).status).toBe(404);
    const address = `/api/v1/reports/${reportId}`;
    expect((await service.api(`${address}?format=pdf`)).headers.get('content-type')).toBe('application/pdf');
    const csv = await service.api(address, { headers: { accept: 'text/csv' } });
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(csv.text).toMatch(/^severity,kind,finding,/);
    expect((await service.api(`${address}.csv?table=services`)).text).toMatch(/^service,team,spans,/);
  });

  test('a window that is none is refused; one without data gives a report that says so', async () => {
    const post = (body: object) =>
      service.api<Row>('/api/v1/reports', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await post({ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' })).status).toBe(400);
    const { status, body } = await post({ from: '2020-01-01T00:00:00Z', to: '2020-01-08T00:00:00Z' });
    expect(status).toBe(202);
    await eventually(
      () => service.api<Row>(`/api/v1/reports/${body.id as string}`),
      (answer) => answer.body.state === 'ready',
    );
    const said = 'No spans were received from 2020-01-01';
    expect((await service.api<Row>(`/api/v1/reports/${body.id as string}`)).body.note).toContain(said);
    expect((await service.api(`/api/v1/reports/${body.id as string}.html`)).text).toContain(said);
    expect((await post({ team: 'nobody' })).status).toBe(400);
  });

  test('a report of a team holds the services of that team alone', async () => {
    const { body } = await service.api<Row>('/api/v1/reports', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ audience: 'team-lead', team: 'store' }),
    });
    await eventually(
      () => service.api<Row>(`/api/v1/reports/${body.id as string}`),
      (answer) => answer.body.state === 'ready',
    );
    const { report } = (
      await service.api<{ report: { services: Row[]; actions: Row[]; findings: { top: Row[] } } }>(
        `/api/v1/reports/${body.id as string}.json`,
      )
    ).body;
    expect(report.services.map(({ service: name }) => name)).toEqual(['shop']);
    expect(report.actions.length).toBeGreaterThan(0);
    expect(new Set(report.actions.flatMap(({ services }) => services as string[]))).toEqual(new Set(['shop']));
    expect(new Set(report.findings.top.map(({ service: name }) => name))).toEqual(new Set(['shop']));
    expect(report.actions[0]!.fix).toContain('processors:');
  });
});

describe('what is not there', () => {
  test('is a problem document', async () => {
    for (const path of [
      '/api/v1/nothing',
      '/api/v1/findings/not-an-id',
      `/api/v1/findings/${'0'.repeat(8)}-0000-0000-0000-${'0'.repeat(12)}`,
      '/api/v1/reports/x',
    ]) {
      const answer = await service.api<Row>(path);
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect(answer.body).toMatchObject({ status: 404, title: 'Not Found', errors: [] });
    }
  });
});
