import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { FindingPage, PolicyPage } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, ROOT, type Service, startService } from '../support/service.js';
import { type Collector, Folder, MISSING_COLLECTOR, startCollector, validate } from './collector.js';

const READY = join(ROOT, 'deploy', 'collector.yaml');
const SLOT = `yaml:processors::transform/spanwarden::error_mode: ignore`;
const MAIL = 'erika.mustermann@shop.test';

const folders = readdirSync(join(ROOT, 'test', 'policy'), { withFileTypes: true }).filter((e) => e.isDirectory());
const goldens = folders.map(({ name }) => join(ROOT, 'test', 'policy', name, 'otel-collector.golden.yaml'));
const whole = folders.map(({ name }) => join(ROOT, 'test', 'policy', name, 'otel-collector-config.golden.yaml'));

describeWith('policies in a real collector', MISSING_COLLECTOR, () => {
  test.each(goldens)('takes %s', (golden) => {
    expect(validate([READY, golden])).toBe('');
  });

  test.each(whole)('takes %s by itself', (golden) => {
    expect(validate([golden])).toBe('');
  });

  test('does not take what is wrong, so that the tests above can fail', () => {
    const wrong = 'yaml:processors::transform/spanwarden::trace_statements: [{context: span, statements: ["no()"]}]';
    expect(validate([READY, wrong])).toContain('undefined function "no"');
  });

  test('the ready configuration has the slots that are served', () => {
    const { processors, service } = parse(readFileSync(READY, 'utf8'));
    const slots = ['filter/spanwarden', 'transform/spanwarden', 'redaction/spanwarden'];
    expect(Object.keys(processors)).toEqual(['memory_limiter', ...slots, 'batch']);
    expect(service.pipelines.traces.processors).toEqual(['memory_limiter', ...slots, 'batch']);
    expect(validate([READY, SLOT])).toBe('');
  });

  test('a collector without a key takes no policy that hashes with one', () => {
    const golden = join(ROOT, 'test', 'policy', 'keyed-hash', 'otel-collector.golden.yaml');
    expect(validate([READY, golden], { SPANWARDEN_HMAC_KEY: '' })).toContain('hmac_key must not be empty');
  });
});

describeWith('the road through a real collector', MISSING_COLLECTOR, () => {
  let service: Service;
  let collector: Collector;
  const folder = new Folder();

  const send = async (): Promise<void> => {
    const attributes = { 'url.query': `email=${encodeURIComponent(MAIL)}&sort=up`, 'http.route': '/orders' };
    const body = encodeRequest([
      { resource: { 'service.name': 'shop' }, spans: [{ name: 'GET /orders', attributes }] },
    ]);
    const answer = await fetch(`${collector.endpoint}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
  };
  const sentOn = (): string[] =>
    folder
      .read('spans.jsonl')
      .split('\n')
      .filter((line) => line !== '');

  beforeAll(async () => {
    service = await startService();
    const { http, otlpHttp } = service.endpoints;
    const token = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
    const policies = `${http}/api/v1/policy-sets/default/collector.yaml`.replace('://', `://collector:${token}@`);
    const backend = folder.write('backend.yaml', {
      exporters: { file: { path: join(folder.path, 'spans.jsonl'), flush_interval: '50ms' } },
      service: { pipelines: { traces: { exporters: ['file'] } } },
    });
    const env = { SPANWARDEN_COLLECTOR_TOKEN: token, SPANWARDEN_OTLP_ENDPOINT: otlpHttp! };
    collector = await startCollector([READY, backend, policies], env);
  }, 60_000);

  afterAll(async () => {
    await collector?.stop();
    await service?.stop();
    folder.remove();
  });

  test('a leak is found, its policy approved, and after a reload the spans go on without it', async () => {
    await send();
    const found = await eventually(
      () => service.api<FindingPage>('/api/v1/findings?kind=pii'),
      ({ body }) => body.data.length > 0,
    );
    expect(found.body.data[0]).toMatchObject({ service: 'shop', location: 'span', key: 'url.query' });
    expect(
      (
        await eventually(
          async () => sentOn(),
          (lines) => lines.length > 0,
        )
      )[0],
    ).toContain('mustermann');

    const listed = await eventually(
      () => service.api<PolicyPage>('/api/v1/policies'),
      ({ body }) => body.data.some((policy) => policy.key === 'url.query'),
    );
    const policy = listed.body.data.find(({ key }) => key === 'url.query')!;
    const approved = await service.api(`/api/v1/policies/${policy.id}/approve`, {
      method: 'POST',
      headers: { 'if-match': policy.etag },
    });
    expect(approved.status).toBe(200);

    const ready = (): number => collector.output().split('Everything is ready').length;
    const before = ready();
    collector.reload();
    await eventually(
      async () => ready(),
      (count) => count > before,
    );
    const leaked = sentOn().length;
    await send();
    const after = (
      await eventually(
        async () => sentOn(),
        (lines) => lines.length > leaked,
      )
    )
      .slice(leaked)
      .join('\n');
    expect(after).toContain('sort=up');
    expect(after).toContain('email=****');
    expect(after).not.toMatch(/mustermann/i);
    expect(collector.isRunning()).toBe(true);
  }, 60_000);
});
