import * as workerThreads from 'node:worker_threads';
import { afterEach, expect, jest, test } from '@jest/globals';
import type { AnalysisPool as Pool } from '../../src/edge/analysis/pool.js';
import { RULES_DIR } from '../../src/edge/files/rule-files.js';
import type { SwitchedOffEvent } from '../../src/edge/rules/tenant-rules.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually } from '../support/service.js';
import { slowDocument, slowValue } from '../support/slow-pattern.js';

const lost: Error[] = [];
const workers: workerThreads.Worker[] = [];
/** The real thing, of which we keep each so that we can end one. */
class KnownWorker extends workerThreads.Worker {
  constructor(...args: ConstructorParameters<typeof workerThreads.Worker>) {
    super(...args);
    workers.push(this);
  }
}
jest.unstable_mockModule('node:worker_threads', () => ({ ...workerThreads, Worker: KnownWorker }));
const { AnalysisPool } = await import('../../src/edge/analysis/pool.js');

let pool: Pool;

const start = (): Promise<Pool> =>
  AnalysisPool.start(2, { rulesDir: RULES_DIR, masterKey: new Uint8Array(32), maxRequestBytes: 1 << 26 }, (error) =>
    lost.push(error),
  );
const request = (spans: number) => ({
  tenant: 'default',
  body: encodeRequest([
    {
      resource: { 'service.name': 'shop' },
      spans: Array.from({ length: spans }, (_, i) => ({ attributes: { n: i, text: `value ${i}` } })),
    },
  ]),
  encoding: 'identity' as const,
  format: 'otlp-protobuf' as const,
  receivedAt: Date.now(),
});

afterEach(() => pool.onApplicationShutdown());

test('a thread that dies gives its requests back, and another takes its place', async () => {
  pool = await start();
  const requests = Array.from({ length: 40 }, () => request(2000));
  const results = requests.map((each) => pool.analyse(each));
  await workers[0]!.terminate();
  const settled = await Promise.allSettled(results);
  const rejected = settled.filter((result) => result.status === 'rejected');
  expect(rejected.length).toBeGreaterThan(0);
  for (const { reason } of rejected) expect(String(reason)).toContain('an analysis thread ended with 1');
  for (const result of settled) {
    if (result.status === 'fulfilled') expect(result.value).toMatchObject({ refused: null, accepted: 2000 });
  }
  expect(lost).toHaveLength(1);
  await eventually(
    async () => workers.length,
    (count) => count === 3,
  );
  expect(pool.pending).toBe(0);
  expect(await pool.analyse(request(3))).toMatchObject({ accepted: 3 });
});

test.each(['keywords', 'shape'] as const)(
  'a slow detector of a customer, gated by %s, is switched off; the others go on, and a new version begins anew',
  async (gate) => {
    const events: SwitchedOffEvent[] = [];
    const setup = { rulesDir: RULES_DIR, masterKey: new Uint8Array(32), maxRequestBytes: 1 << 26 };
    pool = await AnalysisPool.start(
      1,
      setup,
      (error) => lost.push(error),
      (event) => events.push(event),
    );
    const rules = { tenant: 'default', document: slowDocument(gate), switchedOff: [], exclusions: [] };
    const ask = async (text: string) => {
      const body = encodeRequest([{ resource: { 'service.name': 'shop' }, spans: [{ attributes: { text } }] }]);
      const result = await pool.analyse({ ...request(1), body, receivedAt: Date.now() });
      return result.refused === null ? result.rollup.findings.map((finding) => finding.detector) : [];
    };
    expect(await ask('quick-123456')).toEqual([]);
    pool.setRules({ ...rules, version: 1 });
    expect(await ask('quick-123456')).toEqual(['x-quick']);
    await ask(slowValue(20_000));
    const off = { detector: 'x-slow', reason: 'took more than 50 ms for one value' };
    expect(events).toEqual([{ tenant: 'default', version: 1, ...off }]);
    await ask(slowValue(20_001));
    expect(events).toHaveLength(1);
    expect(await ask('quick-654321')).toEqual(['x-quick']);
    pool.setRules({ ...rules, version: 1, switchedOff: [off] });
    await ask(slowValue(20_000));
    expect(events).toHaveLength(1);
    pool.setRules({ ...rules, version: 2 });
    await ask(slowValue(20_000));
    expect(events).toHaveLength(2);
    const exclusion = { detector: 'x-quick', service: null, key: null, fingerprint: null, expiresAt: null };
    pool.setRules({ ...rules, version: 2, exclusions: [exclusion] });
    expect(await ask('quick-654321')).toEqual([]);
  },
);
