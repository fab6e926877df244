import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import type {
  Exclusion,
  ExclusionPage,
  FindingDetail,
  FindingPage,
  ProblemDocument,
  RuleList,
  RuleVersion,
  RuleVersionPage,
} from '../../src/edge/serve/contract.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';
import { SLOW_PATTERN } from '../support/slow-pattern.js';

/*
 * A customer's way, in order, with the real service and PostgreSQL: each test goes on where the one before stopped.
 */

let service: Service;

const TOKEN = { id: 'x-acme-token', name: 'Acme token', kind: 'secret', severity: 'high', confidence: 'high' };
const acme = (over: object = {}) => ({
  ...TOKEN,
  keywords: ['acme_live_'],
  pattern: 'acme_live_[A-Za-z0-9]{16}',
  examples: ['acme_live_T4xWq8ZrLmN2vKjY', 'token acme_live_a7KpXw3RtVb9NcMz', 'a=acme_live_M3nBv6CxZl9KjHg2'],
  non_examples: ['acme_live_short', 'acme_test_T4xWq8ZrLmN2vKjY', 'xacme_live_T4xWq8ZrLmN2vKjY'],
  references: ['https://docs.acme.example'],
  remedy: 'Revoke it.',
  ...over,
});
const yaml = (...detectors: object[]): string => stringify({ family: 'acme', detectors });
const HEADERS = { 'content-type': 'application/yaml' };

const put = (body: string, headers: Record<string, string> = {}, query = '') =>
  service.api<RuleVersion & ProblemDocument>(`/api/v1/rules/custom${query}`, {
    method: 'PUT',
    headers: { ...HEADERS, ...headers },
    body,
  });
const custom = (headers: Record<string, string> = {}, query = '') =>
  service.api<unknown>(`/api/v1/rules/custom${query}`, { headers });
const exclude = (body: object) =>
  service.api<Exclusion & ProblemDocument>('/api/v1/exclusions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const leak = async (text: string, name = 'web', key = 'note'): Promise<void> => {
  const sent = await service.send(
    encodeRequest([{ resource: { 'service.name': name }, spans: [{ attributes: { [key]: text } }] }]),
  );
  expect(sent.status).toBe(200);
};
const occurrences = async (detector: string, name = 'web'): Promise<number> => {
  const { body } = await service.api<FindingPage>(`/api/v1/findings?detector=${detector}&service=${name}`);
  return body.data.reduce((sum, finding) => sum + finding.occurrences, 0);
};
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_ANALYSIS_THREADS: '2' } });
});

afterAll(async () => {
  await service?.stop();
});

describe('a document', () => {
  test('is empty before anybody wrote one, and nothing is found by it', async () => {
    const answer = await custom();
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, '"0"']);
    expect(answer.text).toBe('family: custom\ndetectors: []\n');
    expect((await custom({ accept: 'application/json' })).body).toEqual({ family: 'custom', detectors: [] });
    await leak('acme_live_Q2wErT6yUi9oPaSd');
    expect(await occurrences('x-acme-token')).toBe(0);
  });

  test('is refused with all its problems, none of which repeats what stands in it', async () => {
    const bad = yaml(
      acme({ id: 'acme-token', severity: 'awful' }),
      acme({ id: 'x-broken', pattern: 'hunter2(', examples: 'planted-text' }),
      acme({ id: 'x-unfound', examples: ['acme_live_planted', 'acme_live_T4xWq8ZrLmN2vKjY', 'nothing planted'] }),
      acme({ id: 'x-found', non_examples: ['acme_live_PlantedPlanted16', 'b', 'c'], mask_prefix: 12 }),
      acme({
        id: 'x-slow',
        keywords: ['slow'],
        pattern: SLOW_PATTERN,
        examples: [`slow ${'ab'.repeat(600)}c`, 'b', 'c'],
      }),
      acme({ id: 'planted id', ghp_planted: 'x' }),
      acme({ id: 'x-found' }),
      'planted' as unknown as object,
    );
    const answer = await put(bad);
    expect(answer.status).toBe(422);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const where = answer.body.errors.map((e) => `${e.where}: ${e.what}`);
    for (const expected of [
      'rules: acme-token: id: not that of a detector of your own',
      'rules: acme-token: severity: missing or unknown',
      'rules: x-broken: pattern: missing )',
      'rules: x-broken: examples: too few',
      'rules: x-unfound: examples[0]: not found',
      'rules: x-unfound: examples[2]: not found',
      'rules: x-found: mask_prefix: shows more than the prefix that all matches share',
      'rules: x-slow: pattern: too slow on a hostile value',
      'rules: detectors[5]: id: wrong form',
      'rules: x-found: id: used twice',
      'rules: detectors[7]: wrong type',
    ]) {
      expect(where).toContainEqual(expect.stringContaining(expected));
    }
    expect(answer.text).not.toMatch(/hunter2|planted-text|Planted16|acme_live_planted|nothing planted|planted id/);
    const versions = await service.api<RuleVersionPage>('/api/v1/rules/custom/versions');
    expect(versions.body.data).toEqual([]);
  });

  test.each([
    ['no YAML', 'a: [', 422],
    ['another shape', 'just text', 422],
    ['nothing', '', 422],
    [
      'an alias bomb',
      `a: &a [x]\n${'bcdefghi'.replace(/./g, (c, i: number) => `${c}: &${c} [${`*${'abcdefghi'[i]},`.repeat(9)}]\n`)}`,
      422,
    ],
    ['too many detectors', JSON.stringify({ family: 'a', detectors: Array.from({ length: 201 }, () => ({})) }), 422],
    ['too large', `# ${'x'.repeat(256 * 1024)}`, 413],
  ])('that is %s is refused', async (_, body, status) => {
    const answer = await put(body);
    expect(answer.status).toBe(status);
    expect(answer.body.errors).toHaveLength(1);
  });

  test('of a type that is neither YAML nor JSON is refused', async () => {
    expect((await put('x', { 'content-type': 'application/xml' })).status).toBe(415);
  });

  test('is checked without being taken', async () => {
    const check = (body: string) =>
      service.api('/api/v1/rules/custom/check', { method: 'POST', headers: HEADERS, body });
    expect(await check(yaml(acme()))).toMatchObject({ status: 200, body: { detectors: 1 } });
    expect((await check(yaml(acme({ id: 'acme' })))).status).toBe(422);
    expect((await custom()).headers.get('etag')).toBe('"0"');
  });

  test('is taken, and its detector finds what comes next, without a restart', async () => {
    const document = `# Ours.\n${yaml(acme())}`;
    const taken = await put(document, { 'if-match': '"0"' }, '?comment=first');
    expect(taken).toMatchObject({ status: 200, body: { version: 1, author: 'admin', comment: 'first' } });
    expect(taken.headers.get('etag')).toBe('"1"');
    expect((await custom()).text).toBe(document);
    expect((await custom({ accept: 'application/json' })).body).toEqual({ family: 'acme', detectors: [acme()] });
    // The same value as before: it was judged harmless, and is judged anew.
    await leak('acme_live_Q2wErT6yUi9oPaSd');
    expect(await occurrences('x-acme-token')).toBe(1);
    const { body } = await service.api<FindingPage>('/api/v1/findings?detector=x-acme-token');
    expect(body.data[0]).toMatchObject({ detector: { name: 'Acme token', family: 'acme' }, remedy: 'Revoke it.' });
    const rules = await service.api<RuleList>('/api/v1/rules');
    expect(rules.body.data.length).toBeGreaterThan(30);
    expect(rules.body.data.filter((rule) => rule.source === 'custom')).toEqual([
      { ...TOKEN, family: 'acme', source: 'custom', state: 'on', reason: null },
    ]);
  });

  test('is not taken over another one that somebody else gave meanwhile', async () => {
    const second = JSON.stringify({ family: 'acme', detectors: [acme({ severity: 'critical' })] });
    const json = { 'content-type': 'application/json' };
    expect((await put(second, { ...json, 'if-match': '"0"' })).status).toBe(412);
    expect((await put(second, { ...json, 'if-match': 'nonsense' })).status).toBe(412);
    expect((await put(second, { ...json, 'if-match': '"1"' })).body.version).toBe(2);
    const both = await Promise.all(['"2"', '"2"'].map((etag) => put(second, { ...json, 'if-match': etag })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 412]);
    const remove = (etag: string) =>
      service.api<RuleVersion>('/api/v1/rules/custom', { method: 'DELETE', headers: { 'if-match': etag } });
    expect((await remove('"2"')).status).toBe(412);
    expect((await remove('"3"')).body.version).toBe(4);
  });

  test('without detectors finds nothing; all versions are kept', async () => {
    await leak('acme_live_Q2wErT6yUi9oPaSd');
    expect(await occurrences('x-acme-token')).toBe(1);
    const first = await service.api<RuleVersionPage>('/api/v1/rules/custom/versions?limit=3');
    expect(first.body.data.map(({ version }) => version)).toEqual([4, 3, 2]);
    const rest = await service.api<RuleVersionPage>(
      `/api/v1/rules/custom/versions?limit=3&cursor=${first.body.next_cursor}`,
    );
    expect(rest.body).toMatchObject({ data: [{ version: 1, comment: 'first' }], next_cursor: null });
    expect((await custom({}, '?version=1')).text).toContain('# Ours.');
    expect((await custom({}, '?version=9')).status).toBe(404);
    expect((await put(yaml(acme()), {}, '?comment=jo@shop.test')).status).toBe(400);
    expect((await put(yaml(acme()))).body.version).toBe(5);
  });
});

describe('an exclusion', () => {
  test('is refused with all its problems, and does not repeat a value', async () => {
    const wrong = await exclude({ detector: 'no-such', reason: 'ours: jo@shop.test', expires_at: inDays(400) });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors.map((e) => e.where).sort()).toEqual(['body.detector', 'body.expires_at', 'body.reason']);
    expect(wrong.text).not.toContain('shop.test');
    const own = await exclude({ key: 'acme_live_Q2wErT6yUi9oPaSd', reason: 'not ours', expires_at: inDays(1) });
    expect(own.body.errors.map((e) => e.where)).toEqual(['body.key']);
    expect((await exclude({ reason: 'everything', expires_at: inDays(1) })).body.errors[0]!.where).toBe('body');
    for (const expires_at of [null, inDays(-1)]) {
      expect((await exclude({ detector: 'email', reason: 'test', expires_at })).body.errors).toHaveLength(1);
    }
    const body = { fingerprint: 'XYZ', reason: 'no', nonsense: 1 };
    expect((await exclude(body)).status).toBe(400);
  });

  test('stops a finding at once; removing it brings the finding back', async () => {
    await leak('mail jo@shop.test');
    expect(await occurrences('email')).toBe(1);
    const excluded = await exclude({ detector: 'email', service: 'web', reason: 'test data', expires_at: inDays(30) });
    expect(excluded).toMatchObject({ status: 201, body: { state: 'in-force', author: 'admin', key: null } });
    await leak('mail jo@shop.test');
    await leak('mail jo@shop.test', 'shop');
    expect([await occurrences('email'), await occurrences('email', 'shop')]).toEqual([1, 1]);
    const path = `/api/v1/exclusions/${excluded.body.id}`;
    expect((await service.api(path, { method: 'DELETE' })).status).toBe(204);
    expect((await service.api(path, { method: 'DELETE' })).status).toBe(404);
    await leak('mail jo@shop.test');
    expect(await occurrences('email')).toBe(2);
  });

  test('of one value covers that value alone, and needs no end', async () => {
    const { body } = await service.api<FindingPage>('/api/v1/findings?detector=email&service=web');
    const detail = await service.api<FindingDetail>(`/api/v1/findings/${body.data[0]!.id}`);
    const [fingerprint] = detail.body.fingerprints;
    expect((await exclude({ fingerprint, reason: 'the test account' })).status).toBe(201);
    await leak('mail jo@shop.test');
    expect(await occurrences('email')).toBe(2);
    await leak('mail jane@shop.test');
    expect(await occurrences('email')).toBe(3);
  });

  test('that expires works no more, by itself, and is listed as expired', async () => {
    const soon = new Date(Date.now() + 3_000).toISOString();
    const { body } = await exclude({ key: 'brief', reason: 'for a moment', expires_at: soon });
    await leak('mail al@shop.test', 'brief', 'brief');
    expect(await occurrences('email', 'brief')).toBe(0);
    await eventually(
      async () => {
        await leak('mail al@shop.test', 'brief', 'brief');
        return occurrences('email', 'brief');
      },
      (count) => count > 0,
    );
    const states = async (query: string) =>
      (await service.api<ExclusionPage>(`/api/v1/exclusions${query}`)).body.data.map((e) => [e.id, e.state]);
    expect(await states('?state=expired')).toEqual([[body.id, 'expired']]);
    expect((await states('')).map(([, state]) => state)).toEqual(['expired', 'in-force']);
    expect((await states('?state=removed')).map(([, state]) => state)).toEqual(['removed']);
  });

  test('of a whole detector shows in the list of rules', async () => {
    await exclude({ detector: 'x-acme-token', reason: 'being tried out', expires_at: inDays(1) });
    const { body } = await service.api<RuleList>('/api/v1/rules');
    expect(body.data.filter((rule) => rule.state === 'off').map(({ id, reason }) => [id, reason])).toEqual([
      ['x-acme-token', 'excluded everywhere'],
    ]);
  });
});

test('nothing of a document or a refused text is in the log', () => {
  expect(service.output()).not.toMatch(/acme_live_|shop\.test|hunter2|[Pp]lanted|Ours\./);
});
