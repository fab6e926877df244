import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PolicyAgent } from '../../../src/edge/agent/agent.js';
import { askingAs, defaultId, Reporter } from '../../../src/edge/agent/reporter.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

const NEVER = new AbortController().signal;
const IDENTITY = { id: 'edge-1', labels: { tier: 'a=b' } };
const folder = mkdtempSync(join(tmpdir(), 'spanwarden-agent-'));
const asked: Asked[] = [];
let served = 'processors: {}\n';
let putStatus = 204;
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  request.on('end', () => {
    const { method, url, headers } = request;
    asked.push({ method, url, authorization: headers.authorization, body });
    const etag = `"${hash('sha256', served, 'hex')}"`;
    if (method === 'PUT') response.writeHead(putStatus).end();
    else if (headers['if-none-match'] === etag) response.writeHead(304).end();
    else response.writeHead(200, { etag }).end(served);
  });
});

beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
afterAll(async () => {
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  asked.length = 0;
});

let files = 0;
/** @param collector a program whose end says whether it takes a configuration */
function newAgent(collector: string): PolicyAgent {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const reporter = new Reporter(url, 'a-token', IDENTITY, 5, async () => '0.159.0');
  return new PolicyAgent(
    {
      ...{ url: askingAs(`${url}api/v1/policy-sets/default/collector.yaml`, IDENTITY), token: 'a-token', reporter },
      ...{ file: join(folder, `${++files}.yaml`), collector, configs: [], process: null },
      ...{ intervalSeconds: 1, settleSeconds: 0 },
    },
    () => {},
  );
}
const reports = () => asked.filter(({ method }) => method === 'PUT').map(({ body }) => JSON.parse(body));
const SLOT = (text: string) => `processors:\n  transform/spanwarden: {error_mode: ${text}}\n`;

test('it says who asks, and what became of the policies, once', async () => {
  served = SLOT('ignore');
  const agent = newAgent('true');
  expect(await agent.round(NEVER)).toBe('applied');
  expect(await agent.round(NEVER)).toBe('unchanged');
  expect(asked[0]).toMatchObject({
    method: 'GET',
    url: expect.stringMatching(/\?collector=edge-1&label=tier%3Da%3Db$/),
  });
  const report = {
    hash: hash('sha256', served, 'hex'),
    error: '',
    labels: IDENTITY.labels,
    version: '0.159.0',
    interval_seconds: 5,
  };
  expect(reports()).toEqual([
    { ...report, status: 'applying' },
    { ...report, status: 'applied' },
  ]);
  expect(asked.find(({ method }) => method === 'PUT')).toMatchObject({
    url: '/api/v1/collectors/edge-1/status',
    authorization: 'Bearer a-token',
  });
});

test('it says why policies were refused', async () => {
  served = SLOT('silent');
  expect(await newAgent('false').round(NEVER)).toBe('refused');
  expect(reports()).toMatchObject([
    { status: 'failed', hash: hash('sha256', served, 'hex'), error: 'validate ended with 1' },
  ]);
});

test('a server that takes no reports changes nothing, and is not told again', async () => {
  putStatus = 404;
  served = SLOT('ignore');
  const agent = newAgent('true');
  expect(await agent.round(NEVER)).toBe('applied');
  served = SLOT('propagate');
  expect(await agent.round(NEVER)).toBe('applied');
  expect(reports()).toHaveLength(1);
});

test('what a server could not take is told when it can', async () => {
  putStatus = 503;
  served = SLOT('ignore');
  const agent = newAgent('true');
  expect(await agent.round(NEVER)).toBe('applied');
  putStatus = 204;
  asked.length = 0;
  expect(await agent.round(NEVER)).toBe('unchanged');
  expect(await agent.round(NEVER)).toBe('unchanged');
  expect(reports()).toMatchObject([{ status: 'applied' }]);
});

test('an id that stays, of the machine and the file', () => {
  const file = join(folder, 'new', 'policies.yaml');
  const id = defaultId(file);
  expect(id).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]*-[0-9a-f]{8}$/);
  expect(defaultId(file)).toBe(id);
  expect(id.endsWith(readFileSync(`${file}.id`, 'utf8').trim())).toBe(true);
  expect(defaultId(join(folder, 'other.yaml'))).not.toBe(id);
});
