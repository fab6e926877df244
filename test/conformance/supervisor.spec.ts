import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../src/edge/ports.js';
import { toYaml } from '../../src/edge/serve/policy-sets.js';
import type { CollectorRow } from '../../src/edge/store/entities/collectors.js';
import { describeWith } from '../support/needs.js';
import { TestOpamp, TOKEN } from '../support/opamp.js';
import { encodeRequest } from '../support/otlp.js';
import { eventually } from '../support/service.js';
import { Folder, MISSING_COLLECTOR, startCollector } from './collector.js';
import { MISSING_SUPERVISOR, ownConfig, type Supervisor, startSupervisor } from './supervisor.js';

const deletes = (key: string): string =>
  toYaml({
    processors: {
      'transform/spanwarden': {
        error_mode: 'ignore',
        trace_statements: [{ context: 'span', statements: [`delete_key(span.attributes, "${key}") where true`] }],
      },
    },
  });
const DELETES_MAIL = deletes('user.email');
const DELETES_NAME = deletes('user.name');
const BROKEN = DELETES_MAIL.replace('delete_key', 'no_such_function');
const PATIENCE = 75;

describeWith('the OpAMP supervisor and a real collector', MISSING_SUPERVISOR, () => {
  describe.each(['ws', 'http'] as const)('over %s', (scheme) => {
    const folder = new Folder();
    let opamp: TestOpamp;
    let supervisor: Supervisor;
    let sent = 0;

    beforeAll(async () => {
      opamp = await TestOpamp.start();
      supervisor = await startSupervisor(opamp.url(scheme), folder, 'spans.json');
    });

    afterAll(async () => {
      await supervisor?.stop();
      await opamp?.stop();
      folder.remove();
    });

    const row = async (): Promise<CollectorRow | undefined> => (await opamp.rows())[0];
    const until = (holds: (row: CollectorRow) => boolean): Promise<CollectorRow | undefined> =>
      eventually(row, (found) => found !== undefined && holds(found), PATIENCE);
    const runs = (hash: string) => (found: CollectorRow) =>
      found.configStatus === 'applied' && found.reportedHash === hash && found.health?.healthy === true;

    /** Keys of a span's attributes once it went through the collector; one that is started anew may lose the first ones. */
    async function through(): Promise<string[]> {
      const headers = { 'content-type': 'application/x-protobuf' };
      const attributes = { 'user.email': 'a@shop.test', 'user.name': 'Ann', 'http.route': '/x' };
      const name = `span ${scheme} ${++sent} end`;
      const send = async (): Promise<string[]> => {
        const body = encodeRequest([{ resource: { 'service.name': 'web' }, spans: [{ name, attributes }] }]);
        const url = `${supervisor.endpoint}/v1/traces`;
        await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) }).catch(() => null);
        await sleep(500);
        const lines = folder.read('spans.json').split('\n');
        return lines.filter((line) => line.includes(`"${name}"`));
      };
      const [line] = await eventually(send, (found) => found.length > 0, PATIENCE);
      const [first] = JSON.parse(line!).resourceSpans[0].scopeSpans[0].spans;
      return first.attributes.map(({ key }: { key: string }) => key).sort();
    }

    test('no policy: the collector runs with what its owner wrote, and is in the inventory', async () => {
      const found = await until(({ health }) => health?.healthy === true);
      expect(found).toMatchObject({
        kind: 'opamp',
        transport: scheme === 'ws' ? 'websocket' : 'http',
        configStatus: 'unset',
      });
      expect(found?.labels).toMatchObject({ 'service.name': 'otelcol', 'deployment.environment.name': 'production' });
      expect(found?.version).not.toBe('');
      expect(await through()).toEqual(['http.route', 'user.email', 'user.name']);
    }, 120_000);

    test('an offer is applied with our hash, and the collector runs our processors', async () => {
      const hash = opamp.policies.set(DELETES_MAIL);
      const found = await until(runs(hash));
      expect(found?.history.map(({ status }) => status)).toContain('applied');
      await until(({ drift }) => drift?.length === 0);
      expect(await through()).toEqual(['http.route', 'user.name']);
      const types = await until(({ components }) => components !== null);
      expect(types?.components).toContain('processors/transform');
    }, 120_000);

    test('what the collector cannot take has failed, and is not offered again', async () => {
      const broken = opamp.policies.set(BROKEN);
      const found = await until(
        ({ configStatus, reportedHash }) => configStatus === 'failed' && reportedHash === broken,
      );
      expect(found?.configError).toContain('no_such_function');
      expect(found?.failedHashes).toEqual([broken]);
      await opamp.restart();
      await until(({ lastSeen }) => lastSeen.getTime() > found!.lastSeen.getTime());
      expect((await row())?.failedHashes).toEqual([broken]);
      // It was applied, failed, and that is all: nothing came after.
      const after = (await row())!.history.filter(({ hash }) => hash === broken);
      expect(after).toEqual(found!.history.filter(({ hash }) => hash === broken));
    }, 120_000);

    test('the next one is taken', async () => {
      const hash = opamp.policies.set(DELETES_NAME);
      await until(runs(hash));
      expect(await through()).toEqual(['http.route', 'user.email']);
    }, 120_000);

    test('a server that starts anew asks for everything, and changes nothing', async () => {
      const before = await row();
      await opamp.stopServer();
      await opamp.dataSource.query("UPDATE collector SET labels = '{}', health = NULL, components = NULL");
      await opamp.startServer();
      const found = await until(
        ({ labels, health }) => labels['service.name'] === 'otelcol' && health?.healthy === true,
      );
      expect(found).toMatchObject({ id: before!.id, configStatus: 'applied', reportedHash: before!.reportedHash });
      expect(found?.history).toEqual(before!.history);
      expect(await through()).toEqual(['http.route', 'user.email']);
    }, 120_000);

    test('policies that are all taken back leave the collector running as its owner wrote it', async () => {
      opamp.policies.set(null);
      await until(
        ({ configStatus, wantedHash, reportedHash }) => configStatus === 'applied' && wantedHash === reportedHash,
      );
      await eventually(through, (keys) => keys.includes('user.name'), PATIENCE);
      expect(await through()).toEqual(['http.route', 'user.email', 'user.name']);
      expect(supervisor.isRunning()).toBe(true);
    }, 120_000);
  });
});

describeWith('a collector with the OpAMP extension alone', MISSING_COLLECTOR, () => {
  test('is in the inventory, with the drift of its slots', async () => {
    const opamp = await TestOpamp.start();
    const folder = new Folder();
    opamp.policies.set(DELETES_MAIL);
    const own = ownConfig(`${folder.path}/spans.json`, await freePort());
    const extension = {
      extensions: {
        opamp: {
          instance_uid: '01a22443-1954-79a2-8c05-6404157dee49',
          server: { ws: { endpoint: opamp.url('ws'), headers: { Authorization: `Bearer ${TOKEN}` } } },
        },
      },
      service: { extensions: ['opamp'] },
    };
    const files = [
      folder.write('own.yaml', own as Record<string, unknown>),
      folder.write('opamp.yaml', extension),
      folder.write('policies.yaml', 'processors: {}\n'),
    ];
    const collector = await startCollector(files);
    try {
      const drift = async () => (await opamp.rows())[0]?.drift ?? null;
      const before = await eventually(drift, (found) => found !== null, PATIENCE);
      expect(before).toEqual([{ slot: 'transform/spanwarden', drift: 'different' }]);
      folder.write('policies.yaml', DELETES_MAIL);
      collector.reload();
      expect(await eventually(drift, (found) => found?.length === 0, PATIENCE)).toEqual([]);
      const [found] = await opamp.rows();
      expect(found).toMatchObject({ kind: 'opamp', configStatus: 'unset', health: { healthy: true } });
      expect(found?.components).toContain('extensions/opamp');
    } finally {
      await collector.stop();
      await opamp.stop();
      folder.remove();
    }
  }, 120_000);
});
