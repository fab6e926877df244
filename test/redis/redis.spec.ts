import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '../../src/edge/ports.js';
import type { PolicyPage, ReportSummary } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually, type Service, startService } from '../support/service.js';

const REDIS = process.env.REDIS_SERVER_BIN ?? 'redis-server';
const MISSING =
  spawnSync(REDIS, ['--version']).status === 0
    ? null
    : 'There is no redis-server; install it, or set REDIS_SERVER_BIN.';

describeWith('the queue on Redis', MISSING, () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanwarden-redis-'));
  let redis: ChildProcess;
  let service: Service;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--maxmemory-policy', 'noeviction'];
    redis = spawn(REDIS, args, { cwd: folder, stdio: 'ignore' });
    service = await startService({ env: { REDIS_URL: `redis://127.0.0.1:${port}` } });
  }, 60_000);

  afterAll(async () => {
    await service?.stop();
    redis?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('policies are suggested and reports made', async () => {
    const attributes = { 'db.query.parameter.email': 'erika.mustermann@shop.test' };
    const body = encodeRequest([{ resource: { 'service.name': 'shop' }, spans: [{ attributes }] }]);
    expect((await service.send(body)).status).toBe(200);
    const listed = await eventually(
      () => service.api<PolicyPage>('/api/v1/policies'),
      (answer) => answer.body.data.length > 0,
    );
    expect(listed.body.data[0]!.key).toBe('db.query.parameter.email');
    const begun = await service.api<ReportSummary>('/api/v1/reports', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    });
    expect(begun.status).toBe(202);
    await eventually(
      () => service.api<ReportSummary>(`/api/v1/reports/${begun.body.id}`),
      (answer) => answer.body.state === 'ready',
    );
  });

  test('what is queued is in Redis, as pointers of at most 1 KB', () => {
    const cli = (...args: string[]): string =>
      spawnSync('redis-cli', ['-p', String(port), ...args], { encoding: 'utf8' }).stdout;
    const jobs = cli('--scan', '--pattern', 'bull:spanwarden:*')
      .split('\n')
      .filter((key) => key !== '');
    expect(jobs.length).toBeGreaterThan(3);
    for (const key of jobs) {
      if (cli('TYPE', key).trim() !== 'hash') continue;
      const data = cli('HGET', key, 'data').trim();
      expect(data).not.toContain('mustermann');
      expect(Buffer.byteLength(data)).toBeLessThanOrEqual(1024);
    }
  });
});
