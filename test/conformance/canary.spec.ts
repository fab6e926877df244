import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { FindingPage, PolicyPage } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, ROOT, type Service, startService } from '../support/service.js';
import { type Collector, Folder, MISSING_COLLECTOR, startCollector } from './collector.js';

/*
 * The proof that policies work: spans with made-up data go through a real collector with what spanwarden serves, and come
 * back to it, as a copy from before the policies and as one from behind them.
 */

const KEYS = ['user.note', 'http.method', 'otel.status_description', 'user.mail'];

interface Ended {
  readonly status: number;
  readonly stdout: string;
}

describeWith('canaries through a real collector', MISSING_COLLECTOR, () => {
  let service: Service;
  let token: string;
  const folder = new Folder();
  const running: Collector[] = [];

  /** A collector with other configurations behind its own, stopped at the end. */
  const collectorWith = async (...behind: string[]): Promise<Collector> => {
    const to = (tap: string) => ({
      endpoint: service.endpoints.otlpHttp!,
      headers: { 'spanwarden-collector': 'gw-1', 'spanwarden-tap': tap },
      sending_queue: { enabled: false },
    });
    const base = folder.write('base.yaml', {
      receivers: {
        otlp: { protocols: { http: { endpoint: '127.0.0.1:0' }, grpc: { endpoint: '127.0.0.1:0' } } },
      },
      processors: {
        'transform/spanwarden': { error_mode: 'ignore' },
        'probabilistic_sampler/last': { sampling_percentage: 100 },
      },
      exporters: { 'otlp_http/before': to('before'), 'otlp_http/after': to('after') },
      service: {
        pipelines: {
          'traces/before': { receivers: ['otlp'], exporters: ['otlp_http/before'] },
          traces: {
            receivers: ['otlp'],
            processors: ['transform/spanwarden', 'probabilistic_sampler/last'],
            exporters: ['otlp_http/after'],
          },
        },
      },
    });
    const collector = await startCollector([base, ...behind]);
    running.push(collector);
    return collector;
  };
  const canary = (collector: Collector, ...args: string[]): Promise<Ended> => {
    const command = [join(ROOT, 'scripts', 'spanwarden.mjs'), 'canary', '--url', service.endpoints.http!];
    const env = { PATH: process.env.PATH, SPANWARDEN_ADMIN_TOKEN: service.adminToken };
    return new Promise((done) => {
      execFile(process.execPath, [...command, '--to', collector.endpoint, ...args], { env }, (error, stdout) => {
        done({ status: typeof error?.code === 'number' ? error.code : 0, stdout });
      });
    });
  };
  const send = async (collector: Collector, start = Date.now()): Promise<void> => {
    const attributes = { 'user.note': 'write to kim@shop.test', 'http.method': 'GET', 'user.mail': ['kim@shop.test'] };
    const spans = [{ name: 'GET /a', start, attributes, status: { code: 2, message: 'no card for 4539578763621486' } }];
    const body = encodeRequest([{ resource: { 'service.name': 'shop' }, spans }]);
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await fetch(`${collector.endpoint}/v1/traces`, {
      method: 'POST',
      headers,
      body: new Uint8Array(body),
    });
    expect(answer.status).toBe(200);
  };
  const served = (): string =>
    `${service.endpoints.http}/api/v1/policy-sets/default/collector.yaml`.replace('://', `://collector:${token}@`);
  const occurrences = async (): Promise<string[]> => {
    const { body } = await service.api<FindingPage>('/api/v1/findings?limit=200');
    return body.data
      .map(({ detector, key, occurrences: n, service: name }) => `${name} ${detector} ${key} ${n}`)
      .sort();
  };

  beforeAll(async () => {
    service = await startService();
    token = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
    await send(await collectorWith());
    const listed = await eventually(
      () => service.api<PolicyPage>('/api/v1/policies?limit=200'),
      ({ body }) => KEYS.every((key) => body.data.some((policy) => policy.key === key)),
    );
    for (const { id, key } of listed.body.data) {
      if (KEYS.includes(key)) await service.api(`/api/v1/policies/${id}/approve`, { method: 'POST' });
    }
  }, 60_000);

  afterAll(async () => {
    for (const collector of running) await collector.stop();
    await service?.stop();
    folder.remove();
  });

  test('leak while the collector has no policies', async () => {
    const { status, stdout } = await canary(running[0]!, '--json');
    expect(status).toBe(1);
    const { results } = JSON.parse(stdout);
    expect(results).toHaveLength(KEYS.length);
    for (const result of results) {
      expect(result).toMatchObject({ verdict: 'leaked', missing: 0, arrived: result.canaries });
      expect(result.collectors).toMatchObject([{ collector: 'gw-1', tap: 'after', is_leaking: true }]);
    }
  }, 60_000);

  test('come back clean when it has what is served, and count as nothing', async () => {
    const before = await occurrences();
    const { status, stdout } = await canary(await collectorWith(served()));
    expect(stdout).toContain(`${KEYS.length} clean, 0 leaked, 0 lost`);
    expect(status).toBe(0);
    expect(await occurrences()).toEqual(before);
  }, 60_000);

  test('leak when a policy in it is broken, and only for that policy', async () => {
    const config = await (
      await fetch(served().replace(/\/\/[^@]*@/, '//'), { headers: { authorization: `Bearer ${token}` } })
    ).text();
    const broken = config
      .split('\n')
      .filter((line) => !line.includes('user.note'))
      .join('\n');
    expect(broken).not.toBe(config);
    const { status, stdout } = await canary(await collectorWith(folder.write('broken.yaml', broken)));
    expect(status).toBe(1);
    expect(stdout).toContain(`${KEYS.length - 1} clean, 1 leaked, 0 lost`);
    expect(stdout).toMatch(/✗ leaked {2,}\S.*user\.note/);
    expect(stdout).toContain('through gw-1');
  }, 60_000);

  test('are lost when a sampler drops everything behind the policies', async () => {
    const drop = 'yaml:processors::probabilistic_sampler/last::sampling_percentage: 0';
    const { status, stdout } = await canary(await collectorWith(served(), drop), '--timeout', '5');
    expect(status).toBe(5);
    expect(stdout).toContain(`0 clean, 0 leaked, ${KEYS.length} lost`);
    expect(stdout).toMatch(/\d+ were seen before the policies, so they were dropped behind them/);
  }, 60_000);

  test('a finding that policies redact stays resolved while they work, and opens again when they break', async () => {
    const note = async () => {
      const { body } = await service.api<FindingPage>('/api/v1/findings?limit=200&kind=pii');
      return body.data.find(({ key }) => key === 'user.note')!;
    };
    const { id, occurrences: once } = await note();
    expect(once).toBe(1);
    const resolved = await service.api(`/api/v1/findings/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ state: 'resolved', resolution: 'redacted_by_policy' }),
    });
    expect(resolved.status).toBe(200);
    const [, clean, broken] = running;
    // Later than spans that were under way when it was resolved.
    const later = Date.now() + 30 * 60_000;
    await send(clean!, later);
    expect(await eventually(note, ({ occurrences }) => occurrences === 2)).toMatchObject({ state: 'resolved' });
    await send(broken!, later);
    const open = await eventually(note, ({ state }) => state === 'open');
    expect(open).toMatchObject({ substate: 'regressed', occurrences: 3 });
  }, 60_000);
});
