import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type {
  Finding,
  FindingBulkResult,
  FindingEventPage,
  FindingPage,
  Status,
} from '../../src/edge/serve/contract.js';
import { csvLine } from '../../src/engine/encoding.js';
import { encodeRequest, type TestSpan } from '../support/otlp.js';
import { type Service, startService } from '../support/service.js';

const TOKEN = 'ghp_Zq8LmW3xR7tB1vN5kC9dF2hJ6pS4yA0uEwGi';
const MAIL = 'kestrel.vanbrugh@planted.test';
const CARD = '4539578763621486';
const DAY_MS = 86_400_000;
const NOBODY = '00000000-0000-8000-8000-000000000000';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly errors: readonly { readonly where: string; readonly what: string }[];
}

let service: Service;

beforeAll(async () => {
  service = await startService();
  const of = (name: string, environment: string, spans: readonly TestSpan[]) => ({
    resource: { 'service.name': name, 'deployment.environment.name': environment, 'service.namespace': `${name}-team` },
    spans,
  });
  const leaks: TestSpan[] = [
    { name: 'charge', attributes: { 'app.card': CARD, 'app.contact': MAIL } },
    { name: 'charge', attributes: { 'app.card': CARD } },
  ];
  const old: TestSpan[] = [{ name: 'old', start: Date.now() - 3 * DAY_MS, attributes: { 'app.auth': TOKEN } }];
  const formula: TestSpan[] = [{ name: 'x', attributes: { '=HYPERLINK("http://evil.test","x")': MAIL, '@sum': MAIL } }];
  await service.send(
    encodeRequest([of('web', 'production', [...leaks, ...old]), of('shop', 'staging', [...leaks, ...formula])]),
  );
});

afterAll(async () => {
  await service?.stop();
});

async function list(query = ''): Promise<Finding[]> {
  const { status, body } = await service.api<FindingPage>(`/api/v1/findings?limit=200&${query}`);
  expect(status).toBe(200);
  return body.data;
}

async function one(query: string): Promise<Finding> {
  const [finding] = await list(query);
  return finding!;
}

function write<T>(method: string, path: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const init = { method, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
  return service.api<T>(`/api/v1/findings${path}`, init);
}

const patch = <T = Finding>(id: string, body: unknown, headers?: Readonly<Record<string, string>>) =>
  write<T>('PATCH', `/${id}`, body, headers);

const eventsOf = async (id: string) => (await service.api<FindingEventPage>(`/api/v1/findings/${id}/events`)).body.data;

describe('the list', () => {
  const detectors = async (query: string) => [...new Set((await list(query)).map((f) => f.detector.id))].sort();

  test('is narrowed by every filter', async () => {
    const all = await list();
    expect(all.length).toBeGreaterThan(8);
    for (const [query, holds] of [
      ['state=open', (f) => f.state === 'open'],
      ['state=unresolved', (f) => f.state !== 'resolved'],
      ['substate=new', (f) => f.substate === 'new'],
      ['severity=critical', (f) => f.severity === 'critical'],
      ['confidence=high', (f) => f.confidence === 'high'],
      ['kind=secret', (f) => f.kind === 'secret'],
      ['family=developer-platform', (f) => f.detector.family === 'developer-platform'],
      ['detector=payment-card', (f) => f.detector.id === 'payment-card'],
      ['service=shop', (f) => f.service === 'shop'],
      ['environment=staging', (f) => f.environment === 'staging'],
      ['team=web-team', (f) => f.team === 'web-team'],
      ['location=span', (f) => f.location === 'span'],
      ['key=app.card', (f) => f.key === 'app.card'],
      ['q=APP.', (f) => f.key.startsWith('app.')],
      [
        `seen_after=${new Date(Date.now() - DAY_MS).toISOString()}`,
        (f) => Date.parse(f.last_seen) > Date.now() - DAY_MS,
      ],
    ] as [string, (f: Finding) => boolean][]) {
      const expected = all.filter(holds).map((f) => f.id);
      expect({ query, ids: (await list(query)).map((f) => f.id) }).toEqual({ query, ids: expected });
      expect({ query, n: expected.length }).not.toEqual({ query, n: 0 });
    }
    expect(await detectors('q=payment+card')).toEqual(['payment-card']);
    expect(await detectors('q=GitHub')).toEqual(['github-token']);
    expect(await detectors('q=%25')).toEqual([]);
    for (const query of ['substate=escalating', 'state=resolved', 'resolution=wont_fix', 'team=nobody', 'service=']) {
      expect([query, await list(query)]).toEqual([query, []]);
    }
  });

  test('refuses what is no filter, and text that no row can hold', async () => {
    for (const query of ['state=closed', 'substate=old', 'q=', 'seen_after=yesterday', 'q=%00', 'service=a%00b']) {
      const { status, body } = await service.api<Refusal>(`/api/v1/findings?${query}`);
      expect([query, status, body.errors.map((e) => e.where)]).toEqual([query, 400, [`query.${query.split('=')[0]}`]]);
    }
  });

  test.each(['-last_seen', 'severity', '-occurrences'])('sorted by %s is read in pages without gaps', async (sort) => {
    const whole = await list(`sort=${sort}&state=unresolved`);
    const seen: Finding[] = [];
    let cursor = '';
    do {
      const query: string = `sort=${sort}&state=unresolved&limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await service.api<FindingPage>(`/api/v1/findings?${query}`);
      seen.push(...body.data);
      cursor = body.next_cursor ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(whole);
  });

  test('shows the severity of the detector and that of the environment, with the reason', async () => {
    expect(await one('service=web&detector=payment-card')).toMatchObject({
      severity: 'critical',
      detector_severity: 'critical',
      severity_reason: 'As the detector says: the environment is named like production.',
      estimated: null,
    });
    expect(await one('service=shop&detector=payment-card')).toMatchObject({
      severity: 'high',
      detector_severity: 'critical',
      severity_reason: expect.stringMatching(/^One step below/) as unknown,
    });
  });
});

describe('a change', () => {
  test('gives the finding as it is then, its version, and an event with who and when', async () => {
    const before = await one('service=web&key=app.card');
    const { status, body, headers } = await patch(
      before.id,
      { state: 'resolved', resolution: 'wont_fix', expires: '2999-01-01', comment: 'x' },
      {},
    );
    expect([status, headers.get('content-type')]).toEqual([400, 'application/problem+json; charset=utf-8']);
    expect((body as unknown as Refusal).errors.map((e) => e.where)).toEqual(['body.expires']);
    const expires = new Date(Date.now() + 30 * DAY_MS).toISOString().slice(0, 10);
    const done = await patch(before.id, {
      ...{ state: 'resolved', resolution: 'wont_fix', expires },
      comment: 'The old shop goes in autumn.\nSee SEC-17.',
    });
    expect(done.status).toBe(200);
    expect(done.headers.get('etag')).toBe('"2"');
    expect(done.body).toMatchObject({ state: 'resolved', substate: null, resolution: 'wont_fix', version: 2 });
    // A day counts until it is over.
    expect(Date.parse(done.body.expires_at!)).toBe(Date.parse(expires) + DAY_MS);
    const [event] = await eventsOf(before.id);
    expect(event).toMatchObject({ actor: 'admin', action: 'resolved', resolution: 'wont_fix', version: 2 });
    expect(event!.comment).toBe('The old shop goes in autumn.\nSee SEC-17.');
    expect(Math.abs(Date.parse(event!.at) - Date.now())).toBeLessThan(60_000);
    expect((await list('state=unresolved')).map((f) => f.id)).not.toContain(before.id);
    expect((await list('state=resolved&resolution=wont_fix')).map((f) => f.id)).toEqual([before.id]);
    const again = await patch(before.id, { state: 'open' });
    expect(again.body).toMatchObject({ state: 'open', resolution: null, expires_at: null, resolved_at: null });
    const one_ = await service.api<Finding>(`/api/v1/findings/${before.id}`);
    expect([one_.headers.get('etag'), one_.body.version]).toEqual(['"3"', 3]);
  });

  test('of a version that is no more is refused, by header and by field', async () => {
    const { id, version } = await one('service=web&key=app.contact');
    const acknowledge = { state: 'acknowledged' };
    expect((await patch(id, acknowledge, { 'if-match': `"${version}"` })).status).toBe(200);
    for (const [body, headers] of [
      [{ state: 'open' }, { 'if-match': `"${version}"` }],
      [{ state: 'open', version }, {}],
      [{ state: 'open' }, { 'if-match': 'W/"1"' }],
      [{ state: 'open' }, { 'if-match': 'nonsense' }],
    ] as const) {
      const refused = await patch<Refusal>(id, body, headers as Record<string, string>);
      expect([refused.status, refused.body.code]).toEqual([409, 'stale']);
    }
    expect((await patch(id, { state: 'open' }, { 'if-match': `"${version + 1}"` })).status).toBe(200);
    expect((await patch(id, { ...acknowledge, version: version + 2 }, { 'if-match': '*' })).status).toBe(200);
  });

  test('that is not valid is refused with all that is wrong', async () => {
    const { id } = await one('service=web&key=app.contact');
    const wrong = async (body: unknown): Promise<string[]> => {
      const answer = await patch<Refusal>(id, body);
      expect([body, answer.status]).toEqual([body, 400]);
      return answer.body.errors.map((e) => e.where).sort();
    };
    const before = await eventsOf(id);
    expect(await wrong({})).toEqual(['body.state']);
    expect(await wrong([])).toEqual(expect.arrayContaining(['body']));
    expect(await wrong({ state: 'closed', comment: `call ${MAIL}` })).toEqual(['body.comment', 'body.state']);
    expect(await wrong({ state: 'resolved' })).toEqual(['body.resolution']);
    expect(await wrong({ state: 'open', resolution: 'wont_fix' })).toEqual(['body.expires', 'body.resolution']);
    expect(await wrong({ state: 'resolved', resolution: 'wont_fix', expires: 'soon' })).toEqual(['body.expires']);
    expect(await wrong({ state: 'resolved', resolution: 'fixed', nonsense: 1 })).toEqual([
      'body.nonsense',
      'body.resolution',
    ]);
    expect(await wrong({ comment: ' ' })).toEqual(['body.comment']);
    const encoded = Buffer.from(`it was ${MAIL}`).toString('base64');
    expect(await wrong({ comment: `see ${encoded}` })).toEqual(['body.comment']);
    expect(await wrong({ comment: 'a'.repeat(1001), state: 'open' })).toEqual(['body.comment']);
    expect(await wrong({ comment: 'a\u0000b' })).toEqual(['body.comment']);
    expect(await wrong({ comment: 'a\u001bb' })).toEqual(['body.comment']);
    expect(await eventsOf(id)).toEqual(before);
  });

  test('of a finding that is not there', async () => {
    expect((await patch(NOBODY, { state: 'open' })).status).toBe(404);
    expect((await patch('nothing', { state: 'open' })).status).toBe(404);
    expect((await service.api(`/api/v1/findings/${NOBODY}/events`)).status).toBe(404);
  });

  test('is for the admin, and for the pages of the same site', async () => {
    const { id } = await one('service=web&key=app.contact');
    const collector = readFileSync(`${service.home}/collector-token`, 'utf8').trim();
    const { status } = await patch(id, { state: 'open' }, { authorization: `Bearer ${collector}` });
    expect(status).toBe(403);
  });
});

describe('a comment', () => {
  test('that holds a secret or personal data is refused, and stands nowhere', async () => {
    const { id } = await one('service=shop&key=app.contact');
    for (const [secret, detector] of [
      [TOKEN, 'github-token'],
      [MAIL, 'email'],
      [CARD, 'payment-card'],
    ] as const) {
      const comment = `The value was ${secret}, now rotated.`;
      const answers = [
        await patch<Refusal>(id, { comment }),
        await patch<Refusal>(id, { state: 'closed', comment }),
        await write<Refusal>('POST', '/bulk', { ids: [id], state: 'acknowledged', comment }),
      ];
      for (const { status, text, body } of answers) {
        expect(status).toBe(400);
        expect(text).not.toContain(secret);
        const complaint = body.errors.find((e) => e.where === 'body.comment')!;
        expect(complaint.what).toBe(`holds what is a finding itself (${detector})`);
      }
    }
    expect(await eventsOf(id)).toEqual([]);
    for (const secret of [TOKEN, MAIL, CARD]) expect(service.output()).not.toContain(secret);
  });
});

describe('the history', () => {
  test('is read in pages', async () => {
    const { id } = await one('service=web&detector=github-token');
    for (let i = 0; i < 7; i++) await patch(id, { comment: `note ${i}` });
    const whole = await eventsOf(id);
    expect(whole.map((event) => event.comment)).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `note ${i}`));
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const query: string = `limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const { body } = await service.api<FindingEventPage>(`/api/v1/findings/${id}/events?${query}`);
      seen.push(...body.data);
      cursor = body.next_cursor ?? '';
    } while (cursor !== '');
    expect(seen).toEqual(whole);
  });
});

describe('many at once', () => {
  const bulk = <T = FindingBulkResult>(body: unknown) => write<T>('POST', '/bulk', body);

  test('are all changed, each with an event', async () => {
    const ids = (await list('service=shop&kind=naming')).map((f) => f.id);
    expect(ids.length).toBeGreaterThan(1);
    const change = { state: 'resolved', resolution: 'used_in_tests', comment: 'the load test' };
    const { status, body } = await bulk({ ids: [...ids, ids[0]], ...change });
    expect(status).toBe(200);
    expect(body.data.map((row) => row.id).sort()).toEqual([...ids].sort());
    expect(body.data.every((row) => row.changed && row.version === 2)).toBe(true);
    for (const id of ids) {
      expect(await eventsOf(id)).toMatchObject([{ action: 'resolved', actor: 'admin', comment: 'the load test' }]);
    }
    const again = await bulk({ ids, state: 'resolved', resolution: 'used_in_tests' });
    expect(again.body.data.every((row) => !row.changed)).toBe(true);
    expect((await one(`service=shop&kind=naming`)).severity_reason).toMatch(/does not apply/);
  });

  test('are refused together when one is not there, and when they are too many', async () => {
    const ids = (await list('service=web')).map((f) => f.id);
    const unknown = await bulk<Refusal>({ ids: [...ids, NOBODY], state: 'acknowledged' });
    expect([unknown.status, unknown.body.errors.map((e) => e.where)]).toEqual([400, [`body.ids.${ids.length}`]]);
    const states = async () => (await list('service=web')).map((f) => [f.id, f.version]);
    const before = await states();
    for (const body of [
      { ids: [], state: 'open' },
      { ids: Array.from({ length: 101 }, () => NOBODY), state: 'open' },
      { ids: ['x'], state: 'open' },
      { ids },
      { ids, state: 'resolved' },
    ]) {
      expect((await bulk<Refusal>(body)).status).toBe(400);
    }
    expect(await states()).toEqual(before);
  });
});

describe('the overview', () => {
  test('counts by state, severity and substate', async () => {
    const { findings } = (await service.api<Status>('/api/v1/status')).body;
    for (const state of ['open', 'acknowledged', 'resolved'] as const) {
      for (const severity of ['critical', 'high', 'medium', 'low', 'info'] as const) {
        const rows = await list(`state=${state}&severity=${severity}`);
        expect([state, severity, findings.states[state][severity]]).toEqual([state, severity, rows.length]);
      }
    }
    for (const substate of ['new', 'ongoing', 'escalating', 'regressed'] as const) {
      expect([substate, findings.substates[substate]]).toEqual([substate, (await list(`substate=${substate}`)).length]);
    }
  });
});

describe('CSV', () => {
  test('guards text that a spreadsheet would take for a formula', () => {
    expect(csvLine(['=1+1', '+1', '-1', '@x', '\tx', '\rx', 'a=1', -5, null])).toBe(
      `'=1+1,'+1,'-1,'@x,'\tx,"'\rx",a=1,-5,\r\n`,
    );
    expect(csvLine(['a,b', 'say "x"', 'two\nlines', ''])).toBe('"a,b","say ""x""","two\nlines",\r\n');
  });

  test('has the rows of the list, narrowed and sorted alike', async () => {
    const { status, headers, text } = await service.api('/api/v1/findings.csv?sort=severity&service=shop');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe('attachment; filename="findings.csv"');
    const lines = text.trimEnd().split('\r\n');
    expect(lines[0]).toMatch(/^id,state,substate,resolution,severity,detector_severity,/);
    const ids = (await list('sort=severity&service=shop')).map((f) => f.id);
    expect(lines.slice(1).map((line) => line.slice(0, 36))).toEqual(ids);
    expect(text).toContain(`,"'=HYPERLINK(""http://evil.test"",""x"")",`);
    expect(text).toContain(",'@sum,");
    expect(text).not.toMatch(/(?:^|,)"?[=@+]/m);
    for (const secret of [TOKEN, MAIL, CARD]) expect(text).not.toContain(secret);
    expect((await service.api('/api/v1/findings.csv?limit=5')).status).toBe(400);
    const none = await service.api('/api/v1/findings.csv?service=nobody');
    expect(none.text.trimEnd().split('\r\n')).toHaveLength(1);
  });
});
