import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isAccessToken, makeAccessToken } from '../../../src/edge/auth/access-token.js';
import { ACCESS_ROLES, type AccessRole, mayAs } from '../../../src/edge/auth/roles.js';
import type {
  AccessTokenPage,
  NewAccessToken,
  ProblemDocument,
  Session,
  SignInLink,
} from '../../../src/edge/serve/contract.js';
import { API_CONTROLLERS } from '../../../src/edge/serve/controllers/index.js';
import { routesOf } from '../../../src/edge/serve/openapi.js';
import { accessOf } from '../../../src/edge/serve/operation.js';
import { ACCESS_TABLE } from '../../support/access-table.js';
import { json, type Named, nameCaller } from '../../support/callers.js';
import { encodeRequest } from '../../support/otlp.js';
import { breaches, mail, plant } from '../../support/planted.js';
import { eventually, type Service, startService } from '../../support/service.js';

/* Tokens with names and roles over the API of a real process, and what each role may. */

const NOBODY = '00000000-0000-4000-8000-000000000000';
let service: Service;

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'debug' } });
});

afterAll(async () => {
  await service?.stop();
});

describe('routes', () => {
  const routes = routesOf(API_CONTROLLERS).map(({ method, path, description }) => ({
    ...{ method: method.toUpperCase(), path },
    access: accessOf(description, method),
  }));

  test('each has a decision on who may call it', () => {
    const decided = Object.entries(ACCESS_TABLE).flatMap(([access, list]) => list.map((route) => `${route} ${access}`));
    expect(routes.map(({ method, path, access }) => `${method} ${path} ${access}`).sort()).toEqual(decided.sort());
  });

  test.each(ACCESS_ROLES)(
    'of the role %s: what is allowed is done, and the rest refused with what is needed',
    async (role) => {
      const { ask } = await nameCaller(service, `only-${role}`, [role]);
      const wrong: string[] = [];
      for (const { method, path, access } of routes) {
        if (access === 'public' || access === 'local') continue;
        const url = path.replace('{service}/{key}', 'web/key').replace(/\{\w+\}/g, NOBODY);
        const { status, text } = await ask<ProblemDocument>(url, method === 'GET' ? {} : json(method, {}));
        const isRefused = status === 403 && text.includes(`the role ${access} is needed`);
        const isRight = mayAs(access, [role]) ? status !== 401 && status !== 403 && status < 500 : isRefused;
        if (!isRight) wrong.push(`${method} ${path}: ${status}`);
      }
      expect(wrong).toEqual([]);
    },
  );

  test('nobody gets in without a token, and a wrong one is no token', async () => {
    for (const { method, path, access } of routes) {
      if (access === 'public') continue;
      const headers = { authorization: `Bearer ${makeAccessToken()}`, 'content-type': 'application/json' };
      const url = path.replace(/\{\w+\}/g, NOBODY);
      const { status } = await service.api(url, { method, headers, ...(method !== 'GET' && { body: '{}' }) });
      expect([path, status]).toEqual([path, 401]);
    }
  });

  test('roles add up', () => {
    const all = (roles: AccessRole[]) => ACCESS_ROLES.filter((needed) => mayAs(needed, roles));
    expect(all(['viewer'])).toEqual(['viewer']);
    expect(all(['editor', 'approver'])).toEqual(['viewer', 'editor', 'approver']);
    expect(all(['admin'])).toEqual([...ACCESS_ROLES]);
    expect(all(['collector'])).toEqual(['collector']);
    expect(all([])).toEqual([]);
  });
});

describe('tokens', () => {
  test('have a form and a check sum', () => {
    const token = makeAccessToken();
    expect(token).toMatch(/^spw_[0-9A-Za-z]{36}$/);
    expect(isAccessToken(token)).toBe(true);
    const other = token.at(-1) === '0' ? '1' : '0';
    expect(isAccessToken(token.slice(0, -1) + other)).toBe(false);
    expect(new Set(Array.from({ length: 100 }, makeAccessToken)).size).toBe(100);
  });

  test('are shown once, listed without their secret, and not there in the clear', async () => {
    const { token, ask } = await nameCaller(service, 'alice', ['editor', 'viewer']);
    expect(token).toMatchObject({ subject: 'alice', roles: ['viewer', 'editor'], state: 'active', author: 'admin' });
    expect((await ask('/api/v1/status')).status).toBe(200);
    const list = await service.api<AccessTokenPage>('/api/v1/tokens?limit=200');
    const listed = list.body.data.find(({ id }) => id === token.id)!;
    const { secret, ...rest } = token;
    expect({ ...listed, last_used_at: null }).toEqual(rest);
    expect(list.text + (await service.api(`/api/v1/tokens/${token.id}`)).text).not.toContain(secret);
    expect((await service.api('/api/v1/audit.jsonl')).text).not.toContain(secret);
    expect(service.output()).not.toContain(secret);
  });

  test('say when they were used, to the hour', async () => {
    const { token, ask } = await nameCaller(service, 'used', ['viewer']);
    expect(token.last_used_at).toBeNull();
    await ask('/api/v1/status');
    let used: string | null = null;
    for (let i = 0; i < 100 && used === null; i++) {
      used = (await service.api<NewAccessToken>(`/api/v1/tokens/${token.id}`)).body.last_used_at;
    }
    expect(Date.parse(used!) % 3_600_000).toBe(0);
  });

  test('end when they are revoked, and their sessions and links with them', async () => {
    const { token, ask } = await nameCaller(service, 'bob', ['viewer']);
    const link = await service.api<SignInLink>(`/api/v1/tokens/${token.id}/sign-in-link`, { method: 'POST' });
    expect(link.status).toBe(201);
    const cookie = await signIn(token.secret);
    expect((await bySession(cookie)).status).toBe(200);
    expect((await service.api(`/api/v1/tokens/${token.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await ask('/api/v1/status')).status).toBe(401);
    expect((await bySession(cookie)).status).toBe(401);
    expect((await service.api('/api/v1/session', json('POST', { token: link.body.url.split('#')[1]! }))).status).toBe(
      401,
    );
    expect((await service.api(`/api/v1/tokens/${token.id}`, { method: 'DELETE' })).status).toBe(404);
    const again = await service.api<ProblemDocument>(`/api/v1/tokens/${token.id}/sign-in-link`, { method: 'POST' });
    expect(again).toMatchObject({ status: 409, body: { code: 'ended' } });
    const ended = await service.api<AccessTokenPage>('/api/v1/tokens?state=ended');
    expect(ended.body.data).toEqual([expect.objectContaining({ id: token.id, state: 'revoked', revoked_by: 'admin' })]);
  });

  test('end by themselves', async () => {
    const expires_at = new Date(Date.now() + 1_500).toISOString();
    const { token, ask } = await nameCaller(service, 'shortly', ['viewer'], { expires_at });
    await eventually(
      () => ask('/api/v1/status'),
      ({ status }) => status === 401,
    );
    expect((await service.api<NewAccessToken>(`/api/v1/tokens/${token.id}`)).body.state).toBe('expired');
  });

  test('of a person sign in to the pages, by themselves or by a link, with name and roles', async () => {
    const { token } = await nameCaller(service, 'carol', ['approver']);
    const link = await service.api<SignInLink>(`/api/v1/tokens/${token.id}/sign-in-link`, { method: 'POST' });
    expect(link.body.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/ui\/sign-in#[\w-]{32}$/);
    for (const secret of [token.secret, link.body.url.split('#')[1]!]) {
      const session = await bySession(await signIn(secret));
      expect(await session.json()).toEqual({ subject: 'carol', roles: ['approver'] });
    }
    const again = await service.api('/api/v1/session', json('POST', { token: link.body.url.split('#')[1]! }));
    expect(again.status).toBe(401);
    const change = await bySession(await signIn(token.secret), '/api/v1/tokens');
    expect(change.status).toBe(403);
  });

  test('of a collector send spans and pull policies, and sign in nowhere', async () => {
    const { token, ask } = await nameCaller(service, 'gateway-eu', ['collector'], {
      labels: { region: 'eu' },
      expires_at: null,
    });
    expect(token).toMatchObject({ labels: { region: 'eu' }, expires_at: null });
    const body = encodeRequest([{ resource: { 'service.name': 'web' }, spans: [{}] }]);
    const send = (secret: string) => service.send(body, { authorization: `Bearer ${secret}` });
    expect((await send(token.secret)).status).toBe(200);
    expect((await send((await nameCaller(service, 'reader', ['viewer'])).token.secret)).status).toBe(401);
    expect((await ask('/api/v1/policy-sets/default/collector.yaml')).status).toBe(200);
    expect((await service.api('/api/v1/session', json('POST', { token: token.secret }))).status).toBe(401);
    const link = await service.api<ProblemDocument>(`/api/v1/tokens/${token.id}/sign-in-link`, { method: 'POST' });
    expect(link).toMatchObject({ status: 409, body: { code: 'not-a-person' } });
  });

  test('that cannot be are refused with every problem, and without the values', async () => {
    const refused = async (body: object) => {
      const answer = await service.api<ProblemDocument>('/api/v1/tokens', json('POST', body));
      expect(breaches('answer', answer.text)).toEqual([]);
      return [answer.status, ...(answer.body.errors ?? []).map(({ where }) => where)];
    };
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const fine = { subject: 'dave', roles: ['viewer'], expires_at };
    expect(await refused({ subject: plant(mail), roles: [], expires_at: 'never' })).toEqual([
      400,
      'body.subject',
      'body.roles',
      'body.expires_at',
    ]);
    for (const subject of ['admin', 'spanwarden', 'collector', 'unknown']) {
      expect(await refused({ ...fine, subject })).toEqual([400, 'body.subject']);
    }
    expect(await refused({ ...fine, roles: ['collector', 'admin'] })).toEqual([400, 'body.roles']);
    expect(await refused({ ...fine, labels: { region: 'eu' } })).toEqual([400, 'body.labels']);
    expect(await refused({ ...fine, expires_at: null })).toEqual([400, 'body.expires_at']);
    expect(await refused({ ...fine, expires_at: '2020-01-01T00:00:00Z' })).toEqual([400, 'body.expires_at']);
    expect(await refused({ ...fine, expires_at: '2099-01-01T00:00:00Z' })).toEqual([400, 'body.expires_at']);
    const labels = { region: plant(mail) };
    expect(await refused({ subject: 'gw', roles: ['collector'], labels })).toEqual([400, 'body.labels.0']);
  });
});

describe('what somebody changes', () => {
  let alice: Named;

  beforeAll(async () => {
    alice = await nameCaller(service, 'alice', ['editor']);
  });

  test('is on record with their name', async () => {
    const { status, body } = await alice.ask<{ author: string }>(
      '/api/v1/budgets',
      json('POST', { team: 'store', unit: 'bytes', amount: 1 }),
    );
    expect([status, body.author]).toEqual([201, 'alice']);
    expect((await service.api<Session>('/api/v1/session')).body).toEqual({ subject: 'admin', roles: ['admin'] });
  });
});

async function signIn(token: string): Promise<string> {
  const answer = await fetch(`${service.endpoints.http}/api/v1/session`, json('POST', { token }));
  expect(answer.status).toBe(200);
  return answer.headers.get('set-cookie')!.split(';')[0]!;
}

function bySession(cookie: string, path = '/api/v1/session'): Promise<Response> {
  return fetch(`${service.endpoints.http}${path}`, { headers: { cookie } });
}
