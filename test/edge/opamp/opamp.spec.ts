import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createOpAMPClient, RemoteConfigStatuses } from '@elastic/opamp-client-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { MAX_MESSAGE_BYTES } from '../../../src/edge/opamp/opamp-server.js';
import {
  decodeAnswer,
  encodeMessage,
  idOf,
  offeredText,
  post,
  RawAgent,
  TestOpamp,
  TOKEN,
  uid,
} from '../../support/opamp.js';
import { mail, plant, planted, token } from '../../support/planted.js';
import { eventually } from '../../support/service.js';

const NO_HEADER = new Uint8Array(0);
const REPORT_FULL_STATE = 1;
const SERVED = `processors:
  transform/spanwarden:
    error_mode: ignore
    trace_statements:
      - context: span
        statements: ['delete_key(span.attributes, "user.email")']
`;
const OTHER = SERVED.replace('user.email', 'user.name');
const LABELS = { 'service.name': 'otelcol', 'service.version': '0.159.0', 'host.name': 'node-1' };

let opamp: TestOpamp;
const agents: RawAgent[] = [];
let next = 0;

beforeAll(async () => {
  opamp = await TestOpamp.start();
});
afterAll(() => opamp?.stop());
beforeEach(() => {
  opamp.policies.set(null);
});
afterEach(async () => {
  await Promise.all(agents.splice(0).map((agent) => agent.close()));
});

async function connect(instance = uid(++next)): Promise<RawAgent> {
  const agent = await RawAgent.connect(opamp.url('ws'), instance);
  agents.push(agent);
  return agent;
}

describe('over a WebSocket', () => {
  test('every message is answered with the id of the agent and our capabilities', async () => {
    const agent = await connect();
    for (const message of [{ labels: LABELS }, {}, { sequenceNum: 1 }, { capabilities: 1 }]) {
      const answer = await agent.ask(message);
      expect(Buffer.from(answer.instanceUid)).toEqual(Buffer.from(agent.instance));
      expect([answer.capabilities, answer.errorResponse]).toEqual([7, null]);
    }
  });

  test('answers have the header; messages need not', async () => {
    const agent = await connect();
    agent.send({ labels: LABELS }, NO_HEADER);
    const frame = await agent.frame();
    expect(frame[0]).toBe(0);
    expect(decodeAnswer(frame.subarray(1)).errorResponse).toBeNull();
  });

  test('an unknown agent and a lost message make us ask for everything, no other', async () => {
    const agent = await connect();
    expect((await agent.ask({ labels: LABELS })).flags).toBe(REPORT_FULL_STATE);
    expect((await agent.ask({ labels: LABELS })).flags).toBe(0);
    agent.sequence++;
    expect((await agent.ask({})).flags).toBe(REPORT_FULL_STATE);
    expect((await agent.ask({})).flags).toBe(0);
  });

  test('a server that knows nothing any more asks for everything', async () => {
    const instance = uid(++next);
    const before = await connect(instance);
    await before.ask({ labels: LABELS });
    expect((await before.ask({})).flags).toBe(0);
    await opamp.restart();
    await before.closed;
    const after = await connect(instance);
    after.sequence = before.sequence;
    expect((await after.ask({})).flags).toBe(REPORT_FULL_STATE);
  });

  test('what is no message is told so, with nothing else', async () => {
    const agent = await connect();
    const bad = [Buffer.from([0, 0x0a, 0xff]), Buffer.from('x'), Buffer.from([0, 0x0a, 1, 65])];
    for (const frame of bad) {
      agent.socket.send(frame);
      const answer = await agent.next();
      expect(answer.errorResponse).toMatchObject({ type: 1, retryInfo: null });
      expect([answer.capabilities, answer.flags, answer.remoteConfig, answer.agentIdentification]).toEqual([
        0,
        0,
        null,
        null,
      ]);
    }
    agent.socket.send('text');
    expect((await agent.next()).errorResponse?.errorMessage).toBe('message: text; a binary one');
    expect((await agent.ask({ labels: LABELS })).errorResponse).toBeNull();
  });

  test('a message that is too large ends the connection with 1009', async () => {
    const agent = await connect();
    agent.socket.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
    expect(await agent.closed).toBe(1009);
  });

  test('nobody without the token, and nowhere else', async () => {
    for (const wrong of [null, 'wrong-token']) {
      await expect(RawAgent.connect(opamp.url('ws'), uid(1), wrong)).rejects.toThrow('401');
    }
    await expect(RawAgent.connect(opamp.url('ws').replace('opamp', 'other'), uid(1))).rejects.toThrow('404');
  });

  test('two agents with one id: the second gets another, of 16 bytes', async () => {
    const first = await connect();
    await first.ask({ labels: LABELS });
    const second = await connect(first.instance);
    const given = (await second.ask({ labels: { ...LABELS, 'host.name': 'node-2' } })).agentIdentification!
      .newInstanceUid;
    expect(given).toHaveLength(16);
    expect(idOf(given)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab]/);
    expect((await first.ask({})).agentIdentification).toBeNull();
    expect((await second.ask({ instanceUid: given })).agentIdentification).toBeNull();
    expect((await opamp.row(idOf(given)))?.labels).toMatchObject({ 'host.name': 'node-2' });
    expect((await opamp.row(idOf(first.instance)))?.labels).toMatchObject({ 'host.name': 'node-1' });
  });

  test('an agent whose connection ended keeps its id', async () => {
    const first = await connect();
    await first.ask({ labels: LABELS });
    first.socket.terminate();
    const second = await connect(first.instance);
    expect((await second.ask({ labels: LABELS })).agentIdentification).toBeNull();
  });

  test('an agent that asks for an id gets one', async () => {
    const agent = await connect();
    expect((await agent.ask({ flags: 1 })).agentIdentification?.newInstanceUid).toHaveLength(16);
  });

  test('several agents over one connection', async () => {
    const gateway = await connect();
    const others = [uid(++next), uid(++next)];
    const hash = opamp.policies.set(SERVED);
    for (const instanceUid of others) {
      const answer = await gateway.ask({ instanceUid, sequenceNum: 0, labels: LABELS });
      expect(Buffer.from(answer.instanceUid)).toEqual(Buffer.from(instanceUid));
    }
    opamp.policies.set(OTHER);
    const pushed = [await gateway.next(), await gateway.next()];
    expect(pushed.map(({ instanceUid }) => idOf(instanceUid)).sort()).toEqual(others.map(idOf).sort());
    expect((await opamp.row(idOf(others[0]!)))?.wantedHash).not.toBe(hash);
  });

  test('a change is pushed at once, and once', async () => {
    const agent = await connect();
    await agent.ask({ labels: LABELS });
    const hash = opamp.policies.set(SERVED);
    const pushed = await agent.next();
    expect(Buffer.from(pushed.remoteConfig!.configHash).toString('hex')).toBe(hash);
    expect(
      Object.entries(pushed.remoteConfig!.config.configMap).map(([name, file]) => [name, file.contentType]),
    ).toEqual([['spanwarden.yaml', 'text/yaml']]);
    expect(offeredText(pushed)).toBe(SERVED);
    opamp.policies.set(SERVED);
    for (const status of ['applying', 'applied'] as const) {
      expect((await agent.ask({ report: { hash, status } })).remoteConfig).toBeNull();
    }
    expect(agent.isQuiet).toBe(true);
    expect(await opamp.row(idOf(agent.instance))).toMatchObject({
      configStatus: 'applied',
      wantedHash: hash,
      reportedHash: hash,
    });
  });

  test('what failed is not offered again, nor after a restart of both', async () => {
    const instance = uid(++next);
    let agent = await connect(instance);
    const hash = opamp.policies.set(SERVED);
    expect(offeredText(await agent.ask({ labels: LABELS }))).toBe(SERVED);
    await agent.ask({ report: { hash, status: 'applying' } });
    expect(
      (await agent.ask({ report: { hash, status: 'failed', error: 'no such function' } })).remoteConfig,
    ).toBeNull();
    // The supervisor went back to what it had, which was nothing.
    expect((await agent.ask({ report: { hash: '', status: 'unset' } })).remoteConfig).toBeNull();
    await opamp.restart();
    await agent.closed;
    agent = await connect(instance);
    expect((await agent.ask({ labels: LABELS, report: { hash: '', status: 'unset' } })).remoteConfig).toBeNull();
    expect((await opamp.row(idOf(instance)))?.failedHashes).toEqual([hash]);
    opamp.policies.set(OTHER);
    expect(offeredText(await agent.next())).toBe(OTHER);
  });

  test('without policies nothing is offered, and those that go leave a file behind', async () => {
    const agent = await connect();
    expect((await agent.ask({ labels: LABELS })).remoteConfig).toBeNull();
    opamp.policies.set(SERVED);
    await agent.next();
    opamp.policies.set(null);
    const last = await agent.next();
    expect(Object.keys(last.remoteConfig!.config.configMap)).toEqual(['spanwarden.yaml']);
    expect(offeredText(last)).toMatch(/^processors: \{\}$/m);
  });

  test('an agent that takes no configuration gets none', async () => {
    const agent = await connect();
    opamp.policies.set(SERVED);
    expect((await agent.ask({ labels: LABELS, capabilities: 1 | 4 })).remoteConfig).toBeNull();
  });
});

describe('over HTTP', () => {
  const ask = async (instance: Uint8Array, sequenceNum: number, message = {}) => {
    const answer = await post(opamp.url('http'), encodeMessage({ instanceUid: instance, sequenceNum, ...message }));
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-protobuf']);
    return decodeAnswer(Buffer.from(await answer.arrayBuffer()));
  };

  test('with gzip in and out', async () => {
    opamp.policies.set(`${SERVED}# ${'long '.repeat(1000)}\n`);
    const body = gzipSync(encodeMessage({ instanceUid: uid(++next), labels: LABELS }));
    const answer = await post(opamp.url('http'), body, { 'content-encoding': 'gzip', 'accept-encoding': 'identity' });
    const plain = Buffer.from(await answer.arrayBuffer());
    expect(offeredText(decodeAnswer(plain))).toContain('long long');
    const zipped = await post(opamp.url('http'), body, { 'content-encoding': 'gzip', 'accept-encoding': 'gzip' });
    expect(zipped.headers.get('content-encoding')).toBe('gzip');
    expect(offeredText(decodeAnswer(Buffer.from(await zipped.arrayBuffer())))).toContain('long long');
    expect(gunzipSync(gzipSync(plain))).toEqual(plain);
  });

  test('a change comes with the next question; an answer that was lost comes again', async () => {
    const instance = uid(++next);
    await ask(instance, 1, { labels: LABELS });
    opamp.policies.set(SERVED);
    expect(offeredText(await ask(instance, 2))).toBe(SERVED);
    expect(offeredText(await ask(instance, 2))).toBe(SERVED);
    expect((await ask(instance, 3)).remoteConfig).toBeNull();
  });

  test('two agents with one id by turns', async () => {
    const instance = uid(++next);
    await ask(instance, 5, { labels: LABELS });
    await ask(instance, 100, { labels: LABELS });
    expect((await ask(instance, 6)).agentIdentification?.newInstanceUid).toHaveLength(16);
    expect((await ask(instance, 101)).agentIdentification).toBeNull();
  });

  test('refusals', async () => {
    const url = opamp.url('http');
    const body = encodeMessage({ instanceUid: uid(1) });
    const bomb = gzipSync(Buffer.alloc(MAX_MESSAGE_BYTES + 1));
    const gzip = { 'content-encoding': 'gzip' };
    const cases: [number, Promise<Response>][] = [
      [401, post(url, body, { authorization: 'Bearer wrong-token' })],
      [404, post(`${url}s`, body)],
      [405, fetch(url, { headers: { authorization: `Bearer ${TOKEN}` } })],
      [415, post(url, body, { 'content-type': 'application/json' })],
      [415, post(url, body, { 'content-encoding': 'br' })],
      [400, post(url, body, gzip)],
      [400, post(url, Buffer.from('x'))],
      [413, post(url, bomb, gzip)],
      [413, post(url, Buffer.alloc(MAX_MESSAGE_BYTES + 1))],
    ];
    for (const [status, answer] of cases) expect((await answer).status).toBe(status);
    const bad = decodeAnswer(Buffer.from(await (await post(url, Buffer.from('x'))).arrayBuffer()));
    expect(bad.errorResponse?.type).toBe(1);
  });

  test('an agent is told to come later when there is too much at once', async () => {
    const headers = {
      ...{ authorization: `Bearer ${TOKEN}`, 'content-type': 'application/x-protobuf' },
      'content-length': MAX_MESSAGE_BYTES,
    };
    // Four that announce the most that is taken, and send it slowly.
    const slow = Array.from({ length: 4 }, () => request(opamp.url('http'), { method: 'POST', headers }));
    for (const one of slow) one.on('error', () => {}).write('x');
    const small = encodeMessage({ instanceUid: uid(1), labels: LABELS });
    const refused = await eventually(
      () => post(opamp.url('http'), small),
      ({ status }) => status !== 200,
    );
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
    for (const one of slow) one.destroy();
    const later = await eventually(
      () => post(opamp.url('http'), small),
      ({ status }) => status !== 429,
    );
    expect(later.status).toBe(200);
  });

  test('the OpAMP client of Elastic takes policies, says so, and tells of failures', async () => {
    const offered: string[] = [];
    const client = createOpAMPClient({
      endpoint: opamp.url('http'),
      headers: { authorization: `Bearer ${TOKEN}` },
      instanceUid: uid(++next),
      heartbeatIntervalSeconds: 0.1,
      // AcceptsRemoteConfig, ReportsRemoteConfig.
      capabilities: 0x1002n,
      onMessage: ({ remoteConfig }) => {
        if (remoteConfig === undefined) return;
        const text = new TextDecoder().decode(remoteConfig.config!.configMap['spanwarden.yaml']!.body);
        offered.push(text);
        const status =
          text === OTHER
            ? RemoteConfigStatuses.RemoteConfigStatuses_FAILED
            : RemoteConfigStatuses.RemoteConfigStatuses_APPLIED;
        client.setRemoteConfigStatus({
          status,
          lastRemoteConfigHash: remoteConfig.configHash,
          errorMessage: '',
        } as never);
      },
    });
    client.setAgentDescription({
      identifyingAttributes: { 'service.name': 'app' },
      nonIdentifyingAttributes: { team: 'x' },
    });
    const id = idOf(uid(next));
    client.start();
    try {
      await eventually(
        () => opamp.row(id),
        (row) => row?.labels.team === 'x',
      );
      const first = opamp.policies.set(SERVED);
      await eventually(
        () => opamp.row(id),
        (row) => row?.configStatus === 'applied' && row.reportedHash === first,
      );
      const second = opamp.policies.set(OTHER);
      await eventually(
        () => opamp.row(id),
        (row) => row?.configStatus === 'failed',
      );
      expect((await opamp.row(id))?.failedHashes).toEqual([second]);
      opamp.policies.set(SERVED);
      await eventually(
        () => opamp.row(id),
        (row) => row?.configStatus === 'applied',
      );
      expect(offered).toEqual([SERVED, OTHER, SERVED]);
    } finally {
      await client.shutdown();
    }
  });
});

describe('the inventory', () => {
  test('has what an agent says of itself', async () => {
    const agent = await connect();
    await agent.ask({
      labels: LABELS,
      health: { healthy: false, lastError: 'cannot start\npipelines', status: 'StatusRecoverableError' },
      components: { receivers: ['otlp', 'zipkin'], processors: ['transform'] },
    });
    expect(await opamp.row(idOf(agent.instance))).toMatchObject({
      ...{ kind: 'opamp', transport: 'websocket', labels: LABELS, version: '0.159.0', offlineSince: null },
      health: { healthy: false, error: 'cannot start pipelines', status: 'StatusRecoverableError' },
      components: ['processors/transform', 'receivers/otlp', 'receivers/zipkin'],
    });
    await agent.ask({ disconnects: true });
    expect((await opamp.row(idOf(agent.instance)))?.offlineSince).not.toBeNull();
  });

  test('heartbeats write nothing', async () => {
    const agent = await connect();
    await agent.ask({ labels: LABELS });
    await opamp.row(idOf(agent.instance));
    const written = async () => {
      const [row] = await opamp.dataSource.query('SELECT xmin::text AS version FROM collector WHERE id = $1', [
        idOf(agent.instance),
      ]);
      return row.version;
    };
    const before = await written();
    for (let i = 0; i < 20; i++) await agent.ask({});
    await opamp.row(idOf(agent.instance));
    expect(await written()).toBe(before);
  });

  test('who is silent for three heartbeats is gone, and back with the next word', async () => {
    const agent = await connect();
    await agent.ask({ labels: LABELS });
    const id = idOf(agent.instance);
    await opamp.row(id);
    await opamp.dataSource.query("UPDATE collector SET last_seen = now() - interval '91 seconds' WHERE id = $1", [id]);
    await opamp.store.sweep();
    expect((await opamp.row(id))?.offlineSince).not.toBeNull();
    await agent.ask({ labels: { ...LABELS, 'host.name': 'node-9' } });
    expect((await opamp.row(id))?.offlineSince).toBeNull();
  });

  test('drift of the slots, and none once they are right', async () => {
    const agent = await connect();
    opamp.policies.set(SERVED);
    const pipelines = 'service: {pipelines: {traces: {processors: [transform/spanwarden]}}}\n';
    const drift = async (effective: string) => {
      await agent.ask({ labels: LABELS, effective });
      // It is read between other work.
      await sleep(50);
      return (await opamp.row(idOf(agent.instance)))?.drift;
    };
    expect(await drift(`${SERVED}${pipelines}`)).toEqual([]);
    expect(await drift(SERVED)).toEqual([{ slot: 'transform/spanwarden', drift: 'not-in-pipeline' }]);
    expect(await drift(`${OTHER}${pipelines}`)).toEqual([{ slot: 'transform/spanwarden', drift: 'different' }]);
    expect(await drift(`processors: {batch: {}}\n${pipelines}`)).toEqual([
      { slot: 'transform/spanwarden', drift: 'missing' },
    ]);
    expect(await drift('{')).toBeNull();
    expect(await drift(`${OTHER}${pipelines}`)).toHaveLength(1);
    opamp.policies.set(OTHER);
    await agent.next();
    expect((await opamp.row(idOf(agent.instance)))?.drift).toEqual([]);
  });

  test('a thousand collectors are a few statements', async () => {
    const before = await statements();
    const ids = Array.from({ length: 1000 }, (_, n) => `collector-${n}`);
    const collectors = await Promise.all(ids.map((id) => opamp.inventory.of(id, 'pull')));
    for (const collector of collectors)
      opamp.inventory.seen(collector, { ...collector.facts, labels: LABELS }, Date.now());
    expect((await opamp.rows()).filter(({ id }) => ids.includes(id))).toHaveLength(1000);
    expect((await statements()) - before).toBeLessThan(30);
  });
});

async function statements(): Promise<number> {
  await opamp.dataSource.query('SELECT pg_stat_force_next_flush()');
  const [row] = await opamp.dataSource.query(
    'SELECT xact_commit AS n FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(row.n);
}

test('nothing that an agent says reaches the database unseen', async () => {
  const agent = await connect();
  const hash = opamp.policies.set(SERVED);
  for (const make of [mail, token]) {
    const p = () => plant(make);
    const encoded = Buffer.from(p()).toString('base64');
    await agent.ask({
      labels: {
        ...LABELS,
        note: `ask ${p()}`,
        [`key.${p()}`]: 'x',
        url: `https://u:${p()}@host.test/`,
        encoded,
        long: `${'x'.repeat(300)}${p()}`,
      },
      health: {
        healthy: false,
        lastError: `exporter: cannot reach https://x.test/?mail=${encodeURIComponent(p())}\nagain ${p()}`,
        status: p(),
      },
      report: { hash: Buffer.from(p()).toString('hex'), status: 'failed', error: `${'x'.repeat(995)} ${p()}` },
      effective: `exporters: {otlp: {headers: {authorization: "${p()}"}}}\nprocessors:\n  transform/spanwarden: {error_mode: "${p()}"}\n`,
      components: { [`re.${p()}`]: ['x'], receivers: [p(), 'otlp'] },
    });
    await agent.ask({ report: { hash, status: 'failed', error: `yaml: "${p()}"` } });
  }
  await sleep(50);
  const rows = JSON.stringify(await opamp.rows());
  expect(rows).toContain('"note":"ask {');
  const shown = planted.filter(
    (secret) =>
      rows.includes(secret) ||
      rows.includes(Buffer.from(secret).toString('base64').slice(0, 20)) ||
      rows.includes(Buffer.from(secret).toString('hex')),
  );
  expect(shown).toHaveLength(0);
});
