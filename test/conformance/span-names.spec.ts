import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Policy } from '../../src/engine/model/policy.js';
import { spanNamePattern } from '../../src/engine/policy/span-name-pattern.js';
import { describeWith } from '../support/needs.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, ROOT } from '../support/service.js';
import { type Collector, Folder, MISSING_COLLECTOR, startCollector } from './collector.js';

const READY = join(ROOT, 'deploy', 'collector.yaml');
const GOLDEN = join(ROOT, 'test', 'policy', 'names');
const NAMES = [
  'GET /users/42/(all).$',
  'GET /users/me/(all).$',
  'GET https://api.acme.test/users/42?full=1&to=/home',
  'GET https://api.acme.test/users/me?full=1',
  'process alice',
  'process orders',
  'process 42',
  'process alice twice',
  "SELECT * FROM users WHERE name = 'bob the / builder' AND id = 42",
  "SELECT * FROM users WHERE name = 'bob' AND id = ?",
];

/** What the rules make of a name, by their patterns alone. */
function renamed(name: string, policies: readonly Policy[]): string {
  return policies.reduce((text, { action }) => {
    if (action.kind !== 'template') return text;
    if (action.except?.some((other) => new RegExp(spanNamePattern(other)).test(text))) return text;
    return text.replace(new RegExp(spanNamePattern(action.template)), () => action.name ?? action.template);
  }, name);
}

describeWith('span names in a real collector', MISSING_COLLECTOR, () => {
  let collector: Collector;
  const folder = new Folder();

  beforeAll(async () => {
    const backend = folder.write('backend.yaml', {
      exporters: { file: { path: join(folder.path, 'spans.jsonl'), flush_interval: '50ms' } },
      service: { pipelines: { traces: { exporters: ['file'] } } },
    });
    const env = { SPANWARDEN_COLLECTOR_TOKEN: 'none', SPANWARDEN_OTLP_ENDPOINT: 'http://127.0.0.1:9' };
    collector = await startCollector([READY, backend, join(GOLDEN, 'otel-collector.golden.yaml')], env);
  }, 60_000);

  afterAll(async () => {
    await collector?.stop();
    folder.remove();
  });

  test('are renamed as the patterns of the rules say, and no others', async () => {
    const policies = JSON.parse(readFileSync(join(GOLDEN, 'policies.json'), 'utf8')) as Policy[];
    const ofNames = policies.filter(({ location }) => location === 'span_name');
    const services = [...new Set(ofNames.flatMap((policy) => policy.services))];
    const body = encodeRequest(
      services.map((name) => ({ resource: { 'service.name': name }, spans: NAMES.map((span) => ({ name: span })) })),
    );
    const headers = { 'content-type': 'application/x-protobuf' };
    await fetch(`${collector.endpoint}/v1/traces`, { method: 'POST', headers, body: new Uint8Array(body) });
    const sent = await eventually(
      async () => [...folder.read('spans.jsonl').matchAll(/"name":"((?:[^"\\]|\\.)*)","kind"/g)],
      (found) => found.length >= services.length * NAMES.length,
    );
    const names = sent.map(([, name]) => JSON.parse(`"${name}"`) as string);
    const expected = services.flatMap((service) =>
      NAMES.map((name) =>
        renamed(
          name,
          ofNames.filter((policy) => policy.services.includes(service)),
        ),
      ),
    );
    expect(names.sort()).toEqual(expected.sort());
    expect(expected.filter((name) => !NAMES.includes(name)).length).toBeGreaterThanOrEqual(4);
  }, 60_000);
});
