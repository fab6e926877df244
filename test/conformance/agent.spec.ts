import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PolicyAgent, type Round } from '../../src/edge/agent/agent.js';
import { describeWith } from '../support/needs.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually } from '../support/service.js';
import { COLLECTOR_BINARY, type Collector, Folder, MISSING_COLLECTOR, startCollector } from './collector.js';

const NEVER = new AbortController().signal;
const DELETES = `processors:
  transform/spanwarden:
    error_mode: ignore
    trace_statements:
      - context: span
        statements: ['delete_key(span.attributes, "user.email")']
`;
const IN_NO_PIPELINE = `${DELETES}  filter/spanwarden:
    error_mode: ignore
    trace_conditions: [{ context: span, conditions: ['span.name == "none"'] }]
`;
const NO_SUCH_FUNCTION = DELETES.replace('delete_key', 'no_such_function');
const WITH_EXPORTER = `${DELETES}exporters:\n  debug: {}\n`;
const OTHER_PROCESSOR = 'processors:\n  batch: {}\n';

/** What the policy server answers, changed by the tests. */
const served = { status: 200, body: 'processors: {}\n', tokens: new Set<string | undefined>() };
const server = createServer((request, response) => {
  served.tokens.add(request.headers.authorization);
  const etag = `"${hash('sha256', served.body, 'hex')}"`;
  if (served.status !== 200) response.writeHead(served.status).end('policies: none');
  else if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
  else response.writeHead(200, { etag, 'content-type': 'application/yaml' }).end(served.body);
});

describeWith('the agent beside a real collector', MISSING_COLLECTOR, () => {
  const folder = new Folder();
  const file = join(folder.path, 'policies', 'policies.yaml');
  const said: string[] = [];
  let base: string;
  let collector: Collector;
  let agent: PolicyAgent;

  const newAgent = (options: { collector?: string } = {}): PolicyAgent =>
    new PolicyAgent(
      {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/policy-sets/default/collector.yaml`,
        token: 'of-the-collector',
        file,
        collector: options.collector ?? COLLECTOR_BINARY!,
        configs: [base],
        process: collector === undefined ? null : { pid: collector.pid },
        intervalSeconds: 1,
        settleSeconds: 2,
        reporter: null,
      },
      (line) => said.push(line),
    );
  const round = async (body: string, status = 200): Promise<Round> => {
    Object.assign(served, { body, status });
    return agent.round(NEVER);
  };
  const inPlace = (): string => folder.read(join('policies', 'policies.yaml'));
  /** Keys of the attributes of a span that went through the collector. */
  const through = async (): Promise<string[]> => {
    const count = (): number => folder.read('spans.jsonl').split('\n').length;
    const before = count();
    const attributes = { 'user.email': 'somebody', 'http.route': '/orders' };
    const body = encodeRequest([{ resource: { 'service.name': 'shop' }, spans: [{ name: 'GET', attributes }] }]);
    await fetch(`${collector.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    await eventually(
      async () => count(),
      (n) => n > before,
    );
    const line = folder.read('spans.jsonl').trim().split('\n').at(-1)!;
    return JSON.parse(line).resourceSpans[0].scopeSpans[0].spans[0].attributes.map(({ key }: { key: string }) => key);
  };
  const ready = (): number => collector.output().split('Everything is ready').length;
  const reloaded = async (before: number): Promise<void> => {
    await eventually(
      async () => ready(),
      (count) => count > before,
    );
  };

  beforeAll(async () => {
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    base = folder.write('base.yaml', {
      receivers: {
        otlp: { protocols: { http: { endpoint: '127.0.0.1:0' }, grpc: { endpoint: '127.0.0.1:0' } } },
      },
      processors: { 'transform/spanwarden': { error_mode: 'ignore' } },
      exporters: { file: { path: join(folder.path, 'spans.jsonl'), flush_interval: '50ms' } },
      service: {
        pipelines: { traces: { receivers: ['otlp'], processors: ['transform/spanwarden'], exporters: ['file'] } },
      },
    });
  }, 60_000);

  afterAll(async () => {
    await collector?.stop();
    await new Promise((closed) => server.close(closed));
    folder.remove();
  });

  test('makes the file before the collector starts, although the server is down', async () => {
    agent = newAgent();
    expect(await round('', 503)).toBe('unreachable');
    expect(inPlace()).toBe('processors: {}\n');
    collector = await startCollector([base, file]);
    agent = newAgent();
    expect(await through()).toEqual(['user.email', 'http.route']);
  }, 60_000);

  test('says which slots are filled and stand in no pipeline, for a collector does not', async () => {
    const before = ready();
    expect(await round(IN_NO_PIPELINE)).toBe('applied');
    const lines = said.filter((line) => line.includes('in no pipeline'));
    expect(lines).toEqual([
      'policies: filter/spanwarden is in no pipeline of the collector, so policies that need it are not carried out',
    ]);
    await reloaded(before);
  }, 60_000);

  test('puts new policies in place, tells the collector, and new spans come out clean', async () => {
    const before = ready();
    expect(await round(DELETES)).toBe('applied');
    await reloaded(before);
    expect(inPlace()).toBe(DELETES);
    expect(await through()).toEqual(['http.route']);
    expect(served.tokens).toEqual(new Set(['Bearer of-the-collector']));
  }, 60_000);

  test('what did not change is neither fetched again nor told', async () => {
    const before = ready();
    expect(await round(DELETES)).toBe('unchanged');
    expect(ready()).toBe(before);
  });

  test.each([
    ['a statement that the collector does not know', NO_SUCH_FUNCTION, 'no_such_function'],
    ['another section', WITH_EXPORTER, 'policies: has other sections'],
    ['a processor that is no slot', OTHER_PROCESSOR, 'policies.processors: has processors that are no slots'],
    ['no YAML', 'processors: [', 'policies: not YAML'],
    ['an empty answer', '', 'policies: not a map of processors'],
  ])(
    'refuses %s, and the collector goes on with the last good policies',
    async (_, body, reason) => {
      expect(await round(body)).toBe('refused');
      expect(said.at(-1)).toContain(reason);
      const lines = said.length;
      expect(await round(body)).toBe('refused');
      expect(said).toHaveLength(lines);
      expect(inPlace()).toBe(DELETES);
      expect(collector.isRunning()).toBe(true);
      expect(await through()).toEqual(['http.route']);
    },
    60_000,
  );

  test.each([401, 404, 500, 503])(
    'keeps the last good policies when the server answers %d',
    async (status) => {
      expect(await round('', status)).toBe('unreachable');
      expect(said.at(-1)).toContain(`answered ${status}`);
      expect(inPlace()).toBe(DELETES);
      expect(await through()).toEqual(['http.route']);
    },
    60_000,
  );

  test('tries again when it was not the fault of the policies', async () => {
    const without = newAgent({ collector: join(folder.path, 'no-collector') });
    Object.assign(served, { status: 200, body: 'processors: {}\n' });
    expect(await without.round(NEVER)).toBe('refused');
    expect(said.at(-1)).toContain('--collector');
    const before = ready();
    expect(await round('processors: {}\n')).toBe('applied');
    await reloaded(before);
    expect(await through()).toEqual(['user.email', 'http.route']);
  }, 60_000);

  test('takes policies back when the collector ends over them', async () => {
    const doomed = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const ended = new Promise((done) => doomed.once('exit', done));
    const watching = new PolicyAgent(
      {
        ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, token: null, file },
        ...{ collector: COLLECTOR_BINARY!, configs: [base], process: { pid: doomed.pid! } },
        ...{ intervalSeconds: 1, settleSeconds: 5, reporter: null },
      },
      (line) => said.push(line),
    );
    const before = inPlace();
    served.body = DELETES;
    expect(await watching.round(NEVER)).toBe('rolled-back');
    await ended;
    expect(inPlace()).toBe(before);
    expect(await watching.round(NEVER)).toBe('refused');
  }, 60_000);
});
