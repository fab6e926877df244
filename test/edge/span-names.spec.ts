import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FindingPage, PolicyPage, SpanName, SpanNamePage } from '../../src/edge/serve/contract.js';
import { encodeRequest, type TestSpan } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';

const HOUR = 3_600_000;
const SERVER = 2;
const CLIENT = 3;
/** The beginning of an hour, some hours ago. */
const START = Math.floor(Date.now() / HOUR) * HOUR - 8 * HOUR;
const PEOPLE = 1500;
/** Names of people that no detector knows, of letters alone. */
const person = (i: number): string =>
  `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${'uvwxyzaeio'[Math.floor(i / 100) % 10]}${'xq'[Math.floor(i / 1000)]}`;

let service: Service;

beforeAll(async () => {
  service = await startService();
  const at = (i: number, n: number): number => START + Math.floor((i * 8) / n) * HOUR;
  const spans = (n: number, span: (i: number) => TestSpan): TestSpan[] =>
    Array.from({ length: n }, (_, i) => ({ start: at(i, n), ...span(i) }));
  const web = { 'service.name': 'web', team: 'shop', 'deployment.environment.name': 'prod' };
  const sql = "SELECT * FROM users WHERE name = 'bob' AND id = 42";
  await service.send(
    encodeRequest([
      {
        resource: web,
        spans: [
          ...spans(2000, (i) => ({
            name: `GET /users/${i}`,
            kind: SERVER,
            attributes: { 'http.request.method': 'GET', 'http.route': '/users/{id}' },
          })),
          ...spans(1200, (i) => ({ name: `phase ${i % 3}`, kind: 1 })),
          ...spans(40, () => ({
            name: sql,
            kind: CLIENT,
            attributes: { 'db.operation.name': 'SELECT', 'db.collection.name': 'users' },
          })),
          ...spans(10, () => ({ name: 'GET /users/{id}/orders', kind: SERVER })),
          ...spans(3, () => ({ name: '=cmd()', kind: 1 })),
        ],
      },
      {
        resource: { 'service.name': 'worker', team: 'jobs' },
        spans: [
          ...spans(2 * PEOPLE, (i) => ({ name: `process ${person(i % PEOPLE)}`, kind: 1 })),
          ...spans(500, () => ({ name: 'process orders', kind: 1 })),
        ],
      },
    ]),
  );
});

afterAll(async () => {
  await service?.stop();
});

const all = async (query = ''): Promise<readonly SpanName[]> => {
  const { status, body } = await service.api<SpanNamePage>(`/api/v1/span-names?limit=200${query}`);
  expect(status).toBe(200);
  return body.data;
};
const of = async (template: string): Promise<SpanName> => (await all()).find((row) => row.template === template)!;

describe('span names', () => {
  test('with ids: how many, how they grow, what they looked like and where the id should be', async () => {
    const row = await of('GET /users/{id}');
    expect(row).toMatchObject({
      ...{ service: 'web', environment: 'prod', team: 'shop', kind: 'server', verdict: 'fail', spans: 2000 },
      share: 2000 / 3253,
      shapes: ['9', '99', '999', '9999'],
      suggested_name: null,
      convention: '{http.request.method} {http.route}',
    });
    expect(Math.abs(row.distinct.estimate / 2000 - 1)).toBeLessThan(4 * row.distinct.standard_error);
    expect(row.growth!.beta).toBeGreaterThan(0.9);
    expect(row.findings.map(({ id, level }) => [id, level])).toEqual([['span_name_not_general', 'violation']]);
    expect(row.attributes).toEqual([
      { key: 'url.path', source: 'convention' },
      { key: 'user.id', source: 'convention' },
    ]);
  });

  test('a number that is one of three is no id, a route is none, and the text of a statement has a summary', async () => {
    expect(await of('phase {id}')).toMatchObject({
      ...{ verdict: 'pass', distinct: { estimate: 3, standard_error: 0 }, growth: { beta: 0 } },
      findings: [{ id: 'span_name_not_general', level: 'information' }],
    });
    expect(await of('GET /users/{id}/orders')).toMatchObject({ verdict: 'pass', findings: [], shapes: [] });
    expect(await of("SELECT * FROM users WHERE name = '{value}' AND id = {id}")).toMatchObject({
      ...{ verdict: 'fail', suggested_name: 'SELECT users', convention: '{db.operation.name} {db.collection.name}' },
      findings: [{ id: 'span_name_sql' }],
    });
  });

  test('words that are values are found by what was counted, and an operation among them stays', async () => {
    const rows = await all('&service=worker');
    expect(rows.map(({ template }) => template)).toEqual(['process {value}', 'process orders']);
    expect(rows[0]).toMatchObject({ verdict: 'fail', spans: 2 * PEOPLE, shapes: ['aaaa'] });
    expect(Math.abs(rows[0]!.distinct.estimate / PEOPLE - 1)).toBeLessThan(0.07);
    expect(rows[1]).toMatchObject({ verdict: 'pass', findings: [], distinct: { estimate: 1 } });
  });

  test('those first that need a hand the most, a page at a time', async () => {
    const rows = await all();
    const worst = rows.map(({ findings }) =>
      ['violation', 'improvement', 'information'].indexOf(findings[0]?.level ?? ''),
    );
    expect(worst.map((level) => (level < 0 ? 3 : level))).toEqual(worst.map((level) => (level < 0 ? 3 : level)).sort());
    const paged: SpanName[] = [];
    let next: string | null = '';
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
      const { body } = await service.api<SpanNamePage>(`/api/v1/span-names?limit=3${cursor}`);
      expect(body.data.length).toBeLessThanOrEqual(3);
      paged.push(...body.data);
      next = body.next_cursor;
    }
    expect(paged).toEqual(rows);
  });

  test('are chosen by service, team, environment, kind, level, verdict and time', async () => {
    const templates = async (query: string) => (await all(query)).map(({ template }) => template).sort();
    const worker = ['process orders', 'process {value}'];
    expect(await templates('&team=jobs')).toEqual(worker);
    expect(await templates('&environment=')).toEqual(worker);
    expect(await templates('&team=jobs&service=web')).toEqual([]);
    expect(await templates('&kind=client')).toEqual(["SELECT * FROM users WHERE name = '{value}' AND id = {id}"]);
    expect(await templates('&verdict=fail&service=worker')).toEqual(['process {value}']);
    expect(await templates('&level=information')).toEqual(['phase {id}']);
    const to = new Date(START + HOUR).toISOString();
    const first = await all(`&service=web&to=${to}`);
    expect(first.find(({ template }) => template === 'GET /users/{id}')).toMatchObject({ spans: 250, growth: null });
    expect(await templates(`&to=${new Date(START).toISOString()}`)).toEqual([]);
  });

  test('as CSV, where no text is a formula', async () => {
    const { text, headers } = await service.api<string>('/api/v1/span-names.csv');
    expect(headers.get('content-type')).toContain('text/csv');
    const lines = text.trim().split('\r\n');
    expect(lines).toHaveLength(1 + (await all()).length);
    expect(lines[0]).toContain('service,environment,team,kind,template,verdict');
    expect(text).toContain("'=cmd()");
    expect(text).toContain('violation: span_name_sql');
  });

  test('no value is in an answer or in the store', async () => {
    const { text } = await service.api<string>('/api/v1/span-names?limit=200');
    expect(text).not.toContain('bob');
    expect(text).not.toContain('/users/1');
    expect(text).not.toContain(person(7));
  });
});

describe('rules for span names', () => {
  test('are suggested for findings and for what was mined, each with what it leaves alone', async () => {
    const { body } = await eventually(
      () => service.api<PolicyPage>('/api/v1/policies?limit=200'),
      (answer) => answer.body.data.filter(({ location }) => location === 'span_name').length >= 4,
    );
    const action = (template: string) =>
      body.data.find((policy) => policy.action.kind === 'template' && policy.action.template === template);
    expect(action('process {value}')).toMatchObject({
      ...{ title: 'Generalise span names to process {value}', services: ['worker'], findings: [] },
      action: { except: ['process orders'] },
    });
    expect(action('process {value}')!.reason).toContain(`${PEOPLE} names were seen`);
    expect(action('process {value}')!.preview).toContain('and not IsMatch(span.name, "^process orders$$")');
    expect(action('GET /users/{id}')!.reason).toContain('set url.path or user.id first');
    expect(action("SELECT * FROM users WHERE name = '{value}' AND id = {id}")).toMatchObject({
      action: { name: 'SELECT users' },
    });
    const findings = await service.api<FindingPage>('/api/v1/findings?detector=span_name_sql');
    expect(findings.body.data).toMatchObject([{ service: 'web', location: 'span_name', occurrences: 40 }]);
  });
});
