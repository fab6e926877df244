import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { NewAccessToken, Policy, PolicySet } from '../../src/edge/serve/contract.js';
import { mail, plant } from '../support/planted.js';
import { type Service, startService } from '../support/service.js';

interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T & { code?: string; errors?: { where: string }[] };
  readonly text: string;
}

let service: Service;
const tokens: Record<string, string> = {};

beforeAll(async () => {
  service = await startService();
  for (const [subject, roles] of [
    ['ann', ['editor', 'approver']],
    ['ben', ['approver']],
    ['cid', ['viewer']],
    ['collector-eu', ['collector']],
  ] as const) {
    const labels = subject === 'collector-eu' ? { stage: 'canary' } : undefined;
    const expires_at = roles.includes('collector' as never) ? null : new Date(Date.now() + 3_600_000).toISOString();
    const { body } = await call<NewAccessToken>('admin', 'POST', 'tokens', {
      subject,
      expires_at,
      roles,
      ...(labels && { labels }),
    });
    tokens[subject] = body.secret;
  }
}, 120_000);

afterAll(() => service?.stop());

function call<T>(
  who: string,
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<T>> {
  const all = {
    ...(who !== 'admin' && { authorization: `Bearer ${tokens[who]}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...headers,
  };
  const init = { method, headers: all, ...(body !== undefined && { body: JSON.stringify(body) }) };
  return service.api(`/api/v1/${path}`, init) as Promise<Answer<T>>;
}

let drafts = 0;
const draft = (over: object = {}): object => ({
  ...{ title: `Policy ${++drafts}`, location: 'span', key: `app.key${drafts}`, services: ['web'] },
  ...{ action: { kind: 'mask-value' }, ...over },
});
const newDraft = async (who = 'ann', over: object = {}) =>
  (await call<Policy>(who, 'POST', 'policies', draft(over))).body;
const served = async (labels = '', who = 'admin') => {
  const { text } = await call<string>(who, 'GET', `policy-sets/default/collector.yaml?collector=c1${labels}`);
  return text;
};

describe('drafts', () => {
  test('a policy of somebody’s own is a draft under their name', async () => {
    const answer = await call<Policy>('ann', 'POST', 'policies', draft({ reason: 'Nobody needs it.' }));
    expect(answer).toMatchObject({
      status: 201,
      body: { state: 'draft', author: 'ann', policy_set: 'default', version: 1, loses_data: false, rollout: null },
    });
    const { id, etag, preview, key } = answer.body;
    expect(answer.headers.get('location')).toBe(`/api/v1/policies/${id}`);
    expect(preview).toContain(`set(span.attributes["${key}"]`);
    const changed = await call<Policy>('ann', 'PUT', `policies/${id}`, draft({ key: 'app.other' }), {
      'if-match': etag,
    });
    expect(changed).toMatchObject({ status: 200, body: { key: 'app.other', version: 1 } });
    expect((await call('ann', 'PUT', `policies/${id}`, draft(), { 'if-match': etag })).status).toBe(412);
    expect((await call('ann', 'PUT', `policies/${id}`, draft())).status).toBe(428);
    expect(await served()).not.toContain('app.other');
  });

  test.each<[string, object, string]>([
    ['an unknown field', { nonsense: 1 }, 'body.nonsense'],
    ['an unknown action', { action: { kind: 'explode' } }, 'body: action: kind'],
    [
      'a pattern that is none',
      { action: { kind: 'mask', patterns: [{ pattern: '(' }] } },
      'body.action.patterns.0.pattern',
    ],
    [
      'a pattern of nothing',
      { action: { kind: 'mask', patterns: [{ pattern: 'x*' }] } },
      'body.action.patterns.0.pattern',
    ],
    ['no services', { services: [] }, 'body: services'],
    ['a set that is not there', { policy_set: 'other' }, 'body.policy_set'],
    ['a location that is none', { location: 'moon' }, 'body: location'],
    ['sampling nowhere', { action: { kind: 'sample', stage: 'moon' } }, 'body: action: stage'],
    [
      'sampling of more than all',
      { action: { kind: 'sample', stage: 'tail', otherwise: 2 } },
      'body: action: otherwise',
    ],
    ['a secret in the title', { title: `for ${plant(mail)}` }, 'body.title'],
    ['a secret in a service', { services: [plant(mail)] }, 'body.services.0'],
    ['a secret in a key that stays', { key: '*', action: { kind: 'keep', keys: [plant(mail)] } }, 'body.action.keys.0'],
    ['a secret in what is dropped', { action: { kind: 'drop', match: plant(mail) } }, 'body.action.match'],
  ])('%s is refused, and the value is not said', async (_, over, where) => {
    const answer = await call('ann', 'POST', 'policies', draft(over));
    expect(answer.status).toBe(400);
    expect(answer.body.errors!.map((error) => error.where)).toContain(where);
    expect(answer.text).not.toContain('@');
  });

  test('all that is wrong is said at once, each field once', async () => {
    const body = { title: ' ', location: 'moon', key: '', services: [], action: { kind: 'truncate' } };
    const answer = await call('ann', 'POST', 'policies', body);
    expect(answer.body.errors!.map(({ where }) => where)).toEqual([
      ...['body.title', 'body.key', 'body: location', 'body: action: length', 'body: services'],
    ]);
  });

  test('says which processors carry it out, and what they need', async () => {
    expect(await newDraft('ann', { action: { kind: 'keyed-hash' } })).toMatchObject({
      processors: ['transform/spanwarden', 'redaction/spanwarden'],
      notes: [expect.stringContaining('SPANWARDEN_HMAC_KEY')],
      evidence: [],
    });
    expect(await newDraft('ann', { location: 'link' })).toMatchObject({ processors: [], notes: [] });
  });
});

describe('approval', () => {
  test('what loses data needs somebody else than its author', async () => {
    const { id, etag } = await newDraft('ann', { action: { kind: 'delete' } });
    const own = await call('ann', 'POST', `policies/${id}/approve`, {}, { 'if-match': etag });
    expect(own).toMatchObject({ status: 409, body: { code: 'same-person' } });
    const other = await call<Policy>('ben', 'POST', `policies/${id}/approve`, {}, { 'if-match': etag });
    expect(other).toMatchObject({ status: 200, body: { state: 'approved', decided_by: 'ben', author: 'ann' } });
    expect(await served()).toContain('delete_key(span.attributes');
    expect((await call('ben', 'POST', `policies/${id}/roll-back`)).status).toBe(200);
  });

  test('it needs a simulation where the set wants one, or a reason', async () => {
    expect((await call('admin', 'PUT', 'policy-sets/default', { simulate_first: true })).status).toBe(200);
    const { id } = await newDraft('ann', { action: { kind: 'delete' } });
    expect(await call('ben', 'POST', `policies/${id}/approve`, {})).toMatchObject({
      ...{ status: 409, body: { code: 'not-simulated' } },
    });
    const waived = { waive_simulation: 'there is no traffic yet' };
    expect((await call('ben', 'POST', `policies/${id}/approve`, waived)).status).toBe(200);
    await call('ben', 'POST', `policies/${id}/roll-back`);
    await call('admin', 'PUT', 'policy-sets/default', { simulate_first: false });
  });

  test('roles: who reads does not write, and who writes does not approve', async () => {
    expect((await call('cid', 'GET', 'policies')).status).toBe(200);
    expect((await call('cid', 'POST', 'policies', draft())).status).toBe(403);
    const { id } = await newDraft();
    expect((await call('cid', 'POST', `policies/${id}/approve`, {})).status).toBe(403);
    expect((await call('ann', 'PUT', 'policy-sets/default', {})).status).toBe(403);
  });

  test('what is rejected is over', async () => {
    const { id } = await newDraft();
    expect((await call('ann', 'POST', `policies/${id}/reject`, {})).status).toBe(400);
    expect(await call('ann', 'POST', `policies/${id}/reject`, { reason: 'no need' })).toMatchObject({
      ...{ status: 200, body: { state: 'rejected' } },
    });
    expect(await call('ben', 'POST', `policies/${id}/approve`, {})).toMatchObject({
      ...{ status: 409, body: { code: 'not-proposed' } },
    });
  });
});

describe('roll-out', () => {
  test('goes by stages of labels, is paused, resumed, taken on and back', async () => {
    const stages = [{ name: 'canary', labels: { stage: 'canary' } }];
    const set = await call<PolicySet>('admin', 'PUT', 'policy-sets/default', { stages });
    expect(set).toMatchObject({ status: 200, body: { two_persons: true, stages, soak_seconds: 300 } });
    const { id, key } = await newDraft();
    const approved = await call<Policy>('ben', 'POST', `policies/${id}/approve`, {});
    expect(approved.body.rollout).toMatchObject({ stage: 0, status: 'running', stages: [{}, { name: 'all' }] });
    expect(await served()).not.toContain(key);
    expect(await served('&label=stage%3Dcanary')).toContain(key);
    expect(await served('', 'collector-eu')).toContain(key);
    expect((await call('ben', 'POST', `policies/${id}/resume`)).body.code).toBe('not-running');
    expect((await call('ben', 'POST', `policies/${id}/pause`, { reason: 'freeze' })).body).toMatchObject({
      rollout: { status: 'paused', reason: 'freeze' },
    });
    expect((await call('ben', 'POST', `policies/${id}/continue`)).status).toBe(409);
    expect((await call('ben', 'POST', `policies/${id}/resume`)).status).toBe(200);
    expect((await call('ben', 'POST', `policies/${id}/continue`)).body).toMatchObject({ rollout: { stage: 1 } });
    expect(await served()).toContain(key);
    expect((await call('ben', 'POST', `policies/${id}/continue`)).body).toMatchObject({ state: 'active' });
    expect((await call('ben', 'POST', `policies/${id}/continue`)).status).toBe(409);
    expect((await call('ben', 'POST', `policies/${id}/roll-back`)).body).toMatchObject({ state: 'rolled_back' });
    expect(await served()).not.toContain(key);
    const { body } = await call<{ data: { action: string; actor: string }[] }>('admin', 'GET', 'audit?limit=200');
    const steps = body.data
      .filter(({ action }) => action.startsWith('policy.'))
      .map(({ action, actor }) => [action, actor]);
    for (const step of ['approve', 'pause', 'resume', 'continue', 'roll-back']) {
      expect(steps).toContainEqual([`policy.${step}`, 'ben']);
    }
    await call('admin', 'PUT', 'policy-sets/default', { stages: [{ name: 'all', labels: {} }] });
  });
});

describe('sets', () => {
  test('one is set up, changed, and removed while it never had a policy', async () => {
    const made = await call<PolicySet>('admin', 'PUT', 'policy-sets/eu', {
      labels: { region: 'eu' },
      advance: 'manual',
    });
    expect(made).toMatchObject({ status: 200, body: { name: 'eu', labels: { region: 'eu' }, advance: 'manual' } });
    const old = { 'if-match': '"7"' };
    expect((await call('admin', 'PUT', 'policy-sets/eu', { soak_seconds: 10 }, old)).status).toBe(412);
    expect((await call('admin', 'PUT', 'policy-sets/Not a name', {})).status).toBe(400);
    expect((await call('admin', 'PUT', 'policy-sets/eu', { stages: [] })).status).toBe(400);
    const list = await call<{ data: PolicySet[] }>('cid', 'GET', 'policy-sets');
    expect(list.body.data.map(({ name }) => name)).toEqual(['default', 'eu']);
    expect((await call('admin', 'DELETE', 'policy-sets/default')).status).toBe(409);
    const { id } = await newDraft('ann', { policy_set: 'eu' });
    expect((await call('admin', 'DELETE', 'policy-sets/eu')).status).toBe(409);
    await call('ben', 'POST', `policies/${id}/approve`, {});
    const { text } = await call<string>('admin', 'GET', 'policy-sets/eu/collector.yaml');
    expect(text).toContain('1 approved policy.');
    expect(await served()).not.toContain('Policy set eu');
    expect((await call('admin', 'GET', 'policy-sets/none')).status).toBe(404);
  });

  test('policies that get in each other’s way are named', async () => {
    const key = 'app.twice';
    const first = await newDraft('ann', { key, action: { kind: 'delete' } });
    const second = await newDraft('ann', { key });
    const { body } = await call<PolicySet>('admin', 'GET', 'policy-sets/default');
    const conflict = body.conflicts.find((one) => one.key === key)!;
    expect([...conflict.policies].sort()).toEqual([first.id, second.id].sort());
    expect(conflict.what).not.toBe('');
  });
});
