import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { SIMULATION_FORMATS } from '../../src/edge/simulate/formats/index.js';
import { encodeRequest, jsonRequest, type TestResource } from '../support/otlp.js';
import { breaches, leaky, mail, plant, token } from '../support/planted.js';
import { type ScanRun, spanwarden } from '../support/scan.js';

const folder = mkdtempSync(join(tmpdir(), 'spanwarden-policy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const policy = (id: string, key: string, action: object): object => {
  return { id, location: 'span', key, services: ['shop'], action };
};
const policies = (name: string, ...list: object[]): string => file(`${name}.json`, JSON.stringify(list));

const SPANS: TestResource[] = [
  {
    resource: { 'service.name': 'shop' },
    spans: [
      { name: 'send', attributes: { 'mail.to': plant(mail), 'http.url': 'https://shop.test/a', note: plant(mail) } },
      { name: 'send', attributes: { 'mail.to': plant(mail) } },
    ],
  },
];
const traces = file('traces.pb', encodeRequest(SPANS));
const masks = policies('masks', policy('mask', 'mail.to', { kind: 'mask-value' }));
const all = policies(
  'all',
  policy('mask', 'mail.to', { kind: 'mask-value' }),
  policy('drop', 'http.url', { kind: 'delete' }),
  policy('note', 'note', { kind: 'hash' }),
);

/** None of what was planted may be said, whatever a command does. */
function run(...args: string[]): ScanRun {
  const result = spanwarden(['policy', ...args]);
  expect(breaches(args[0]!, result.stdout)).toEqual([]);
  expect(breaches(args[0]!, result.stderr)).toEqual([]);
  return result;
}

describe('policy simulate', () => {
  test('says what is masked, removed and left, to the byte', () => {
    const { status, stdout } = run('simulate', traces, '--policy', all, '--format', 'json');
    expect(status).toBe(0);
    const { total, policies: effects, findings } = JSON.parse(stdout);
    expect(total).toMatchObject({ spans: 2, spans_touched: 2, values_masked: 3, keys_removed: 1 });
    expect(effects.map((row: { id: string }) => row.id)).toEqual(['mask', 'drop', 'note']);
    // What comes out, encoded by another encoder, is so much shorter.
    const [shop] = SPANS;
    const [first, second] = shop!.spans;
    const hashed = '0'.repeat(64);
    const after = encodeRequest([
      {
        ...shop!,
        spans: [
          { ...first!, attributes: { 'mail.to': '****', note: hashed } },
          { ...second!, attributes: { 'mail.to': '****' } },
        ],
      },
    ]);
    const less = encodeRequest(SPANS).length - after.length;
    // The request's own frame of two lengths is no part of the spans' bytes.
    expect(Math.abs(total.bytes_removed - less)).toBeLessThanOrEqual(2);
    const emails = findings.filter((row: { detector: string }) => row.detector === 'email');
    expect(emails.length).toBeGreaterThan(0);
    for (const row of emails) expect(row.after).toBe(0);
  });

  test('fails on what would remain, and only on that', () => {
    expect(run('simulate', traces, '--policy', masks, '--fail-on', 'medium').status).toBe(1);
    expect(run('simulate', traces, '--policy', all, '--fail-on', 'medium').status).toBe(0);
    expect(run('simulate', traces, '--policy', masks).status).toBe(0);
  });

  test('of policies on sampling says which traces they keep and drop, by kind', () => {
    const start = 1_800_000_000_000;
    const spans = Array.from({ length: 40 }, (_, i) => ({
      ...{ traceId: (i + 1).toString(16).padStart(8, '0').repeat(4), spanId: 'a'.repeat(16), name: 'GET /cart', start },
      ...{ took: i === 1 ? 2_000 : 5, status: { code: i === 0 ? 2 : 0 } },
    }));
    const orphan = { ...spans[0]!, traceId: 'c'.repeat(32), parentSpanId: 'b'.repeat(16) };
    // Root and child of a trace are in two files.
    const child = { ...spans[2]!, spanId: 'd'.repeat(16), parentSpanId: 'a'.repeat(16), name: 'query' };
    const paths = [[...spans, orphan], [child]].map((list, i) =>
      file(`sampled-${i}.pb`, encodeRequest([{ resource: { 'service.name': 'web' }, spans: list }])),
    );
    const keep = { errors: true, slowerThanMs: 1_000, critical: [] };
    const rates = { operations: [], otherwise: 0.2, floor: 0.01, budget: null, adaptive: false };
    const action = { kind: 'sample', stage: 'tail', environment: '', keep, ...rates };
    const list = policies('sampling', { id: 'tail', location: 'span', key: 'trace_id', services: [], action });
    const { status, stdout } = run('simulate', ...paths, '--policy', list, '--format', 'json');
    expect(status).toBe(0);
    const { traces, total, services } = JSON.parse(stdout);
    expect(traces).toMatchObject({ whole: 40, incomplete: 1 });
    const [error, slow, , , other] = traces.classes;
    expect(error).toEqual({ class: 'error', traces_kept: 1, traces_dropped: 0, spans_kept: 1, spans_dropped: 0 });
    expect(slow).toMatchObject({ traces_kept: 1, traces_dropped: 0 });
    expect(other.traces_kept + other.traces_dropped).toBe(38);
    expect(other.traces_dropped).toBeGreaterThan(20);
    expect(total).toMatchObject({ spans: 42, spans_dropped: other.spans_dropped });
    expect(services).toMatchObject([{ service: 'web', spans_dropped: other.spans_dropped }]);
    const table = run('simulate', ...paths, '--policy', list).stdout;
    expect(table).toContain('40 whole traces sampled; 1 are left out');
    expect(table).toMatch(/^Traces\nKIND +TRACES +DROPPED/m);
  });

  test('reads JSON, gzip and standard input, and counts the same', () => {
    const totals = [traces, file('t.json', jsonRequest(SPANS)), file('t.pb.gz', gzipSync(encodeRequest(SPANS)))].map(
      (path) => JSON.parse(run('simulate', path, '--policy', all, '--format', 'json').stdout).total,
    );
    const piped = spanwarden(['policy', 'simulate', '-', '--policy', all, '--format', 'json'], jsonRequest(SPANS));
    totals.push(JSON.parse(piped.stdout).total);
    for (const total of totals) expect(total).toEqual(totals[0]);
  });

  test('no format says a value, of spans with secrets in every place and policies on them', () => {
    const places = [...leaky(mail), ...leaky(token)];
    const path = file('leaky.pb', encodeRequest(places));
    const services = places.map(({ resource }) => String(resource?.['service.name']));
    const on = (key: string, action: object) => ({ location: 'span', key, services, action });
    const list = policies(
      'leaky',
      ...['plain', 'list', 'map', 'json', 'sql', 'url'].map((key) => on(key, { kind: 'mask-value' })),
      { ...on('res.value', { kind: 'delete' }), location: 'resource' },
      { ...on(plant(mail), { kind: 'delete' }), id: plant(token), title: plant(mail), reason: plant(token) },
    );
    for (const format of Object.keys(SIMULATION_FORMATS)) {
      const { status, stdout } = run('simulate', path, '--policy', list, '--format', format, '--price', 'dash0');
      expect({ format, status, said: stdout.length > 200 }).toEqual({ format, status: 2, said: false });
      const told = run('simulate', path, '--policy', list, '--format', format);
      expect({ format, status: told.status, said: told.stdout.length > 200 }).toEqual({
        format,
        status: 0,
        said: true,
      });
    }
  });

  test('what is wrong is named, all at once and without values: the policies, the price, the files', () => {
    const wrong = policies(
      'wrong',
      { location: 'nowhere', key: 'a', services: [], action: { kind: 'delete' } },
      policy('p', 'a', { kind: 'truncate', length: 0 }),
      policy('q', 'a', { kind: 'mask', patterns: [{ pattern: '(' }] }),
    );
    const { status, stderr } = run('simulate', traces, '--policy', wrong, '--price', 'none-such');
    expect(status).toBe(2);
    for (const field of ['location', 'services', 'length', '--price']) expect(stderr).toContain(field);
    const unreadable = run('simulate', file('broken.pb', new Uint8Array([0xff, 0xff, 1])), '--policy', masks);
    expect(unreadable.status).toBe(5);
    expect(run('simulate', traces).status).toBe(2);
    expect(run('simulate', traces, '--policy', join(folder, 'missing.yaml')).status).toBe(2);
    const noServer = run('simulate', traces, '--from-server', 'http://127.0.0.1:1');
    expect([noServer.status, noServer.stderr.includes('--from-server')]).toEqual([5, true]);
  });

  test('writes a file at once when it is complete', () => {
    const path = join(folder, 'out.md');
    const { status, stdout } = run('simulate', traces, '--policy', all, '--format', 'markdown', '--output', path);
    expect([status, stdout]).toEqual([0, '']);
    expect(readFileSync(path, 'utf8')).toContain('# Policy simulation');
  });
});

describe('policy check', () => {
  test('is silent on policies that go together', () => {
    expect(run('check', '--policy', all)).toMatchObject({ status: 0, stdout: '3 policies, 0 conflicts\n' });
  });

  test('explains those that get in the way of each other', () => {
    const both = policies(
      'both',
      policy('one', 'a', { kind: 'delete' }),
      policy('two', 'a', { kind: 'hash' }),
      policy('three', 'b', { kind: 'rename', to: 'c' }),
      policy('four', 'd', { kind: 'rename', to: 'c' }),
    );
    const { status, stdout } = run('check', '--policy', both);
    expect(status).toBe(1);
    expect(stdout).toContain('no-effect: one and two, in shop: The first one deletes a');
    expect(stdout).toContain('lost-value: three and four, in shop');
  });
});

const more = policies(
  'more',
  policy('hash', 'user.id', { kind: 'keyed-hash' }),
  { ...policy('health', 'span.name', { kind: 'drop', match: 'GET /health' }), location: 'span_name' },
  policy('short', '*', { kind: 'keep', keys: ['user.id', 'note'] }),
);

test('policy check says which slots policies need, and what a collector has to have for them', () => {
  const { status, stdout } = run('check', '--policy', more);
  expect(status).toBe(0);
  expect(stdout).toContain('needs redaction/spanwarden: hash\n');
  expect(stdout).toContain('needs filter/spanwarden: health\n');
  expect(stdout).toContain('note: hash: set SPANWARDEN_HMAC_KEY');
  const old = run('check', '--policy', more, '--collector-version', '0.146.0');
  expect(old.status).toBe(1);
  expect(old.stdout).toContain('unsupported: hash: collectors have keyed hashes from version 0.147.0 on');
});

test('policy render writes for a version of the collector, and a mark for proof', () => {
  const { status, stdout, stderr } = run(
    'render',
    '--policy',
    more,
    '--collector-version',
    '0.140.0',
    '--revision',
    '7',
  );
  expect(status).toBe(1);
  expect(stderr).toContain('policy hash is not in it');
  const { processors } = parse(stdout);
  expect(processors['filter/spanwarden'].traces.span[0]).toMatch(/^name == "GET \/health"/);
  expect(processors['transform/spanwarden'].trace_statements.at(-1).statements).toEqual([
    'set(attributes["spanwarden.policy_revision"], "7")',
  ]);
  const whole = parse(run('render', '--policy', more, '--target', 'otel-collector-config').stdout);
  expect(whole.service.pipelines.traces.processors).toContain('filter/spanwarden');
});

test('policy render writes what collectors are served', () => {
  const { status, stdout } = run('render', '--policy', masks);
  expect(status).toBe(0);
  expect(Object.keys(parse(stdout).processors)).toEqual(['transform/spanwarden']);
  expect(run('render', '--policy', masks, '--target', 'refinery').status).toBe(1);
});
