import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { credentials, Metadata, makeGenericClientConstructor } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../src/edge/ports.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../src/edge/postgres/embedded.js';
import type { CanaryPlan, CanaryRun, FindingPage, LatestCanaries, PolicyPage } from '../../src/edge/serve/contract.js';
import { makeDataSource } from '../../src/edge/store/data-source.js';
import { decodeResponse, encodeRequest } from '../support/otlp.js';
import { eventually, ROOT, type Service, startService } from '../support/service.js';

/*
 * Canaries and headers with the real service. Here no collector stands between the canaries and where they come back, so
 * nothing takes out what is planted; test/conformance/canary.spec.ts has a real collector.
 */

let service: Service;
let postgres: EmbeddedPostgres | null = null;
let policies: Map<string, string>;
/** Takes what it is sent, and sends it nowhere. */
let sink: Server;
let taken = 0;
const planted = new Set<string>();
const said: string[] = [];
const json = { 'content-type': 'application/json' };

async function plan(body: object = {}): Promise<CanaryPlan> {
  const answer = await service.api<CanaryPlan>('/api/v1/canaries', {
    ...{ method: 'POST', headers: json, body: JSON.stringify(body) },
  });
  expect(answer.status).toBe(201);
  for (const { request } of answer.body.canaries) remember(request);
  return answer.body;
}

/** Notes the texts of a canary that are to be found nowhere afterwards. */
function remember(request: object): void {
  JSON.stringify(request, (key, value) => {
    const isText = key === 'stringValue' || key === 'name' || key === 'message';
    if (isText && /@|canary[0-9a-f]{8}|\d{12}/.test(value) && !/^[0-9a-f]{80,}$/.test(value)) planted.add(value);
    return value;
  });
}

const send = (request: object, headers = {}) =>
  service.send(Buffer.from(JSON.stringify(request)), { ...json, ...headers });
const run = async (id: string) => (await service.api<CanaryRun>(`/api/v1/canaries/${id}`)).body;

interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command in a process of its own, while this one answers. */
function command(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const all = [join(ROOT, 'scripts', 'spanwarden.mjs'), 'canary', '--url', service.endpoints.http!, ...args];
  const options = { env: { PATH: process.env.PATH, SPANWARDEN_ADMIN_TOKEN: service.adminToken, ...env } };
  return new Promise((done) => {
    execFile(process.execPath, all, options, (error, stdout, stderr) => {
      said.push(stdout, stderr);
      done({ status: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function counts() {
  const paths = ['findings?limit=200', 'costs?group_by=service', 'attributes?limit=200', 'span-names', 'status'];
  const answers = await Promise.all(paths.map((path) => service.api<Record<string, unknown>>(`/api/v1/${path}`)));
  return answers.map(({ body }) => JSON.stringify(body.data ?? body.rows ?? body));
}

beforeAll(async () => {
  service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'debug' } });
  sink = createServer((request, response) => {
    taken++;
    request.resume();
    response.writeHead(request.headers.authorization === 'Bearer no' ? 401 : 200).end('{}');
  });
  await new Promise<void>((listening) => sink.listen(0, '127.0.0.1', listening));
  const attributes = { 'user.note': 'write to kim@shop.test', 'http.method': 'GET' };
  const spans = [{ name: 'GET /a', attributes, status: { code: 2, message: 'no card for 4539578763621486' } }];
  await service.send(encodeRequest([{ resource: { 'service.name': 'shop' }, spans }]));
  const keys = ['user.note', 'http.method', 'otel.status_description'];
  const listed = await eventually(
    () => service.api<PolicyPage>('/api/v1/policies?limit=200'),
    ({ body }) => keys.every((key) => body.data.some((policy) => policy.key === key)),
  );
  policies = new Map(listed.body.data.map(({ key, id }) => [key, id]));
  for (const key of keys) await service.api(`/api/v1/policies/${policies.get(key)}/approve`, { method: 'POST' });
}, 60_000);

afterAll(async () => {
  await new Promise((closed) => sink.close(closed));
  await service?.stop({ remove: false });
  await postgres?.stop();
  if (service !== undefined) rmSync(service.home, { recursive: true, force: true });
});

describe('canaries', () => {
  test('are made for policies in force, with what is to be proved', async () => {
    const made = await plan({ policies: [policies.get('user.note'), '00000000-0000-4000-8000-000000000000'] });
    expect(made).toMatchObject({ unprovable: [], not_in_force: ['00000000-0000-4000-8000-000000000000'] });
    expect(made.canaries).toHaveLength(1);
    expect(made.canaries[0]).toMatchObject({ service: 'shop', location: 'span', key: 'user.note', action: 'mask' });
    expect(await run(made.id)).toMatchObject({ is_over: false, results: [{ verdict: 'pending', missing: 1 }] });
    for (const body of [{ policies: [] }, { policies: ['x'] }, { timeout_seconds: 1 }, { other: 1 }]) {
      const refused = await service.api('/api/v1/canaries', {
        method: 'POST',
        headers: json,
        body: JSON.stringify(body),
      });
      expect(refused.status).toBe(400);
    }
    expect((await service.api('/api/v1/canaries/nothing')).status).toBe(404);
  });

  test('that come back as they were sent are leaks, and nothing else comes of them', async () => {
    const before = await counts();
    const made = await plan();
    expect(made.canaries.length).toBeGreaterThanOrEqual(3);
    for (const { request } of made.canaries) {
      const sent = await send(request, { 'spanwarden-collector': 'gw-1', 'spanwarden-tap': 'after' });
      expect([sent.status, await sent.text()]).toEqual([200, '{}']);
    }
    const { is_over, results } = await run(made.id);
    expect(is_over).toBe(true);
    expect(results).toHaveLength(3);
    for (const result of results) {
      const back = { collector: 'gw-1', tap: 'after', is_leaking: true, revision: '', at: expect.any(String) };
      expect(result).toMatchObject({ verdict: 'leaked', canaries: 1, missing: 0, collectors: [back] });
    }
    expect(await counts()).toEqual(before);
    const latest = await service.api<LatestCanaries>('/api/v1/canaries');
    expect(latest.body.data.map(({ verdict, collector }) => `${verdict} ${collector}`)).toEqual(
      Array(3).fill('leaked gw-1'),
    );
    const one = await service.api<LatestCanaries>(`/api/v1/canaries?policy=${policies.get('http.method')}`);
    expect(one.body.data).toMatchObject([
      { run: made.id, policy: policies.get('http.method'), title: expect.any(String) },
    ]);
  });

  test('in a copy from before the policies say only that they arrived', async () => {
    const made = await plan({ policies: [policies.get('user.note')] });
    await send(made.canaries[0]!.request, { 'spanwarden-tap': 'before' });
    expect((await run(made.id)).results).toMatchObject([
      { verdict: 'pending', missing: 1, arrived: 1, collectors: [] },
    ]);
    const clean = structuredClone(made.canaries[0]!.request) as {
      resourceSpans: { scopeSpans: { spans: { attributes: { key: string; value: object }[] }[] }[] }[];
    };
    const attributes = clean.resourceSpans[0]!.scopeSpans[0]!.spans[0]!.attributes;
    attributes.find(({ key }) => key === 'user.note')!.value = { stringValue: '****' };
    await send(clean, { 'spanwarden-tap': 'only' });
    await send(clean, { 'spanwarden-tap': 'only' });
    expect((await run(made.id)).results).toMatchObject([{ verdict: 'clean', missing: 0, arrived: 1 }]);
    // One leak is a leak, whichever copy came first.
    await send(made.canaries[0]!.request, { 'spanwarden-tap': 'only' });
    await send(clean, { 'spanwarden-tap': 'only' });
    expect((await run(made.id)).results).toMatchObject([{ verdict: 'leaked' }]);
  });
});

describe('spanwarden canary', () => {
  const atSink = (): string => `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;

  test('says what leaks and ends with 1', async () => {
    const { status, stdout, stderr } = await command(['--to', service.endpoints.otlpHttp!]);
    expect([status, stderr]).toEqual([1, '3 sent; waiting for them to come back\n']);
    expect(stdout).toContain('0 clean, 3 leaked, 0 lost');
    expect(stdout).toMatch(/✗ leaked {2,}\S.*user\.note/);
    expect(stdout).toContain('spanwarden-tap: before');
  });

  test('prints the result as JSON, and nothing else', async () => {
    const id = policies.get('user.note')!;
    const args = ['--to', service.endpoints.otlpHttp!, '--policy', id, '--json'];
    const { status, stdout, stderr } = await command(args);
    expect([status, stderr]).toEqual([1, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ results: [{ policy: id, verdict: 'leaked' }], unprovable: [], not_in_force: [] },
    });
  });

  test('ends with 5 when they do not come back', async () => {
    const before = taken;
    const { status, stdout } = await command([
      '--to',
      atSink(),
      '--timeout',
      '5',
      '--header',
      'Authorization: Bearer yes',
    ]);
    expect(status).toBe(5);
    expect(stdout).toContain('0 clean, 0 leaked, 3 lost');
    expect(stdout).toContain('1 of 1 did not come back');
    expect(taken).toBe(before + 3);
    const latest = await service.api<LatestCanaries>('/api/v1/canaries');
    expect(latest.body.data.filter(({ verdict }) => verdict === 'lost').length).toBeGreaterThanOrEqual(3);
    const made = await plan();
    for (const { request } of made.canaries) await send(request, { 'spanwarden-collector': 'gw-9' });
    const then = await service.api<LatestCanaries>('/api/v1/canaries');
    expect(then.body.data.filter(({ verdict }) => verdict === 'lost')).toEqual([]);
    expect(then.body.data.filter(({ collector }) => collector === 'gw-9')).toHaveLength(3);
  });

  test('ends with 5 for a policy that is not in force', async () => {
    const none = '00000000-0000-4000-8000-000000000000';
    const { status, stdout } = await command(['--to', atSink(), '--policy', none]);
    expect(status).toBe(5);
    expect(stdout).toContain(`- not in force ${none}`);
  });

  test.each<[string, number, string, (to: string) => Promise<Ended>]>([
    ['a token that is wrong', 3, '--token', (to) => command(['--to', to], { SPANWARDEN_ADMIN_TOKEN: 'no' })],
    ['no token', 3, '--token', (to) => command(['--to', to], { SPANWARDEN_ADMIN_TOKEN: '' })],
    [
      'a collector that wants another',
      3,
      '--header',
      (to) => command(['--to', to, '--header', 'Authorization: Bearer no']),
    ],
    ['no collector', 4, '--to', async () => command(['--to', `http://127.0.0.1:${await freePort()}`])],
    ['no server', 4, '--url', async (to) => command(['--url', `http://127.0.0.1:${await freePort()}`, '--to', to])],
    ['something that is no collector', 4, '--to', () => command(['--to', service.endpoints.http!])],
    ['something that is no server', 4, '--url', (to) => command(['--url', service.endpoints.otlpHttp!, '--to', to])],
    ['a time that is none', 2, '--timeout', (to) => command(['--to', to, '--timeout', '1'])],
    ['an id that is none', 2, '--policy', (to) => command(['--to', to, '--policy', 'x'])],
  ])('with %s ends with %d', async (_, code, option, start) => {
    const { status, stdout, stderr } = await start(atSink());
    expect([status, stdout]).toEqual([code, '']);
    expect(stderr).toContain(option);
  });
});

describe('headers', () => {
  const body = encodeRequest([
    { resource: { 'service.name': 'pay', 'spanwarden.policy_revision': 'abcdef012345' }, spans: [{}, {}] },
  ]);

  test('of HTTP and gRPC say where spans come from; the same request counts once', async () => {
    const headers = { 'spanwarden-collector': 'gw-7', 'spanwarden-tap': 'only' };
    for (const _ of [1, 2])
      expect(decodeResponse(new Uint8Array(await (await service.send(body, headers)).arrayBuffer()))).toEqual({});
    await service.send(body, { ...headers, 'spanwarden-tap': 'After' });
    const metadata = new Metadata();
    metadata.set('spanwarden-collector', 'gw-8');
    metadata.set('spanwarden-tap', 'before');
    const same = (bytes: Buffer): Buffer => bytes;
    const path = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
    const streams = { requestStream: false, responseStream: false } as const;
    const Client = makeGenericClientConstructor(
      {
        Export: {
          ...{ path, ...streams, requestSerialize: same, requestDeserialize: same },
          ...{ responseSerialize: same, responseDeserialize: same },
        },
      },
      'TraceService',
    );
    const client = new Client(service.endpoints.otlpGrpc!.replace(/^https?:\/\//, ''), credentials.createInsecure());
    const other = Buffer.from(encodeRequest([{ resource: { 'service.name': 'pay' }, spans: [{}] }]));
    await new Promise((done, failed) => {
      client.makeUnaryRequest(path, same, same, other, metadata, (error, answer) =>
        error === null ? done(answer) : failed(error),
      );
    });
    client.close();
  });

  test.each([
    ['spanwarden-collector', 'kim@shop.test'],
    ['spanwarden-collector', 'x'.repeat(129)],
    ['spanwarden-tap', 'between'],
  ])('that are not valid are ignored, and the sender is told: %s', async (name, value) => {
    const answer = await service.send(encodeRequest([{ resource: { 'service.name': 'shop' }, spans: [{}] }]), {
      [name]: value,
    });
    const { partialSuccess } = decodeResponse(new Uint8Array(await answer.arrayBuffer()));
    expect(partialSuccess?.rejectedSpans ?? 0).toBe(0);
    expect(partialSuccess?.errorMessage).toMatch(new RegExp(`^${name}: ignored, `));
    expect(partialSuccess?.errorMessage).not.toContain(value);
    const { text } = await service.api('/metrics');
    expect(text).toMatch(new RegExp(`spanwarden_ignored_headers_total\\{header="${name}"\\} \\d`));
  });
});

test('what was planted is in no log, table or file, nor in what the command says', async () => {
  const canaries = [...planted];
  expect(canaries.length).toBeGreaterThanOrEqual(3);
  const found = (where: string, content: string | Buffer): string[] => {
    const bytes = Buffer.from(content as string);
    return canaries.flatMap((text, i) => (bytes.includes(text) ? [`${where}: canary ${i}`] : []));
  };
  expect(found('itself', `x${canaries[0]}x`)).toHaveLength(1);
  const findings = await service.api<FindingPage>('/api/v1/findings?limit=200');
  await service.stop({ remove: false });
  const places = [...found('log', service.output()), ...found('findings', findings.text)];
  for (const text of said) places.push(...found('command', text));
  postgres = await startEmbeddedPostgres(service.home);
  const dataSource = await makeDataSource(postgres.url, 1).initialize();
  const rows = (table: string): Promise<Record<string, unknown>[]> => dataSource.query(`SELECT * FROM ${table}`);
  for (const table of ['canary', 'canary_sighting', 'span_evidence', 'match_evidence', 'finding', 'attribute_hourly']) {
    places.push(...found(table, JSON.stringify(await rows(table))));
  }
  const evidence = (await rows('span_evidence')).filter(({ service: name }) => name === 'pay');
  const seen = evidence.map((row) => `${row.collector}/${row.tap}/${row.revision} ${row.spans}`);
  expect(seen.sort()).toEqual(['gw-7/after/abcdef012345 4', 'gw-8/before/ 1']);
  const [usage] = await dataSource.query("SELECT sum(spans)::int AS n FROM usage_hourly WHERE service = 'pay'");
  expect(usage.n).toBe(3);
  await dataSource.destroy();
  await postgres.stop();
  postgres = null;
  for (const file of readdirSync(service.home, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) places.push(...found(file.name, readFileSync(join(file.parentPath, file.name))));
  }
  expect(places).toEqual([]);
}, 60_000);
