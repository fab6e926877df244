import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RawAgent } from '../test/support/opamp.js';
import { encodeRequest } from '../test/support/otlp.js';
import { leaky, mail } from '../test/support/planted.js';
import { eventually, type Service, startService } from '../test/support/service.js';
import { cpuSeconds, type Line, megabytes, peakMemory, quantile } from './measure.js';

const COLLECTORS = 10_000;
const AGENTS = 1_000;
const INTERVAL_SECONDS = 30;
/** All collectors ask once, so that they are known, before anything is measured. */
const WARM_UP_SECONDS = 20;
const PATIENCE_SECONDS = 30;

/** A service that 10,000 collectors pull from by HTTP and 1,000 agents speak OpAMP to, and a change of policies. */
export async function benchServe(): Promise<Line[]> {
  const service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'warn' } });
  const bare = await startBare();
  const agents: RawAgent[] = [];
  try {
    const policies = await suggested(service);
    await approve(service, policies[0]!);
    const token = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
    await connectAll(service, token, agents);
    const set = `${service.endpoints.http}/api/v1/policy-sets/default/collector.yaml`;
    const headers = { authorization: `Bearer ${token}`, 'if-none-match': await etagOf(set, token) };
    const urls = Array.from({ length: COLLECTORS }, (_, n) => `${set}?collector=edge-${n}&label=host.name%3Dedge-${n}`);
    await poll(urls, headers, WARM_UP_SECONDS);
    const before = cpuSeconds(service.pid);
    const start = performance.now();
    const [pulls, heartbeats, bares] = await Promise.all([
      poll(urls, headers, INTERVAL_SECONDS),
      beatAll(agents),
      poll(new Array<string>(COLLECTORS / 10).fill(bare.url), {}, INTERVAL_SECONDS),
    ]);
    const core = (cpuSeconds(service.pid) - before) / ((performance.now() - start) / 1000);
    const change = await changed(service, policies[1]!, agents);
    return [
      ['pulls answered with 304', `${pulls.unchanged} of ${pulls.waits.length}`],
      ['pull, on a connection of its own', milliseconds(pulls.waits)],
      ['OpAMP heartbeat', milliseconds(heartbeats)],
      ['the same of a bare server, at the same time', milliseconds(bares.waits)],
      ['processor time of the service', `${(core * 100).toFixed(1)} % of one core`],
      ['a change is with all agents after', `${change.toFixed(2)} s`],
      ['peak memory of the service', megabytes(peakMemory(service.pid))],
    ];
  } finally {
    for (const agent of agents) agent.socket.terminate();
    bare.stop();
    await service.stop();
  }
}

async function suggested(service: Service): Promise<string[]> {
  await service.send(encodeRequest(leaky(mail)));
  const { body } = await eventually(
    () => service.api<{ data: { id: string }[] }>('/api/v1/policies'),
    (answer) => answer.body.data.length > 1,
  );
  return body.data.map(({ id }) => id);
}

async function approve(service: Service, id: string): Promise<void> {
  const { status } = await service.api(`/api/v1/policies/${id}/approve`, { method: 'POST' });
  if (status !== 200) throw new Error(`the policy cannot be approved: ${status}`);
}

/** Agents that are in step: each has said everything and has what it was offered. */
async function connectAll(service: Service, token: string, agents: RawAgent[]): Promise<void> {
  const url = service.endpoints.opamp!.replace(/^http/, 'ws');
  for (let n = 0; n < AGENTS; n++) {
    const agent = await RawAgent.connect(url, instance(n), token);
    agents.push(agent);
    await adopt(agent, n);
  }
}

/** Says everything, and that what is offered is applied. */
async function adopt(agent: RawAgent, n: number): Promise<void> {
  const { remoteConfig } = await agent.ask({ labels: labelsOf(n), health: { healthy: true, status: 'StatusOK' } });
  if (remoteConfig !== null) await applied(agent, remoteConfig, n);
}

type Offer = NonNullable<Awaited<ReturnType<RawAgent['next']>>['remoteConfig']>;

async function applied(agent: RawAgent, { config, configHash }: Offer, n: number): Promise<void> {
  const hash = Buffer.from(configHash).toString('hex');
  const served = Buffer.from(Object.values(config.configMap)[0]!.body).toString('utf8');
  await agent.ask({ report: { hash, status: 'applying' } });
  await agent.ask({ report: { hash, status: 'applied' }, effective: effectiveOf(served, n) });
}

/** A configuration as a collector shows it, with a part of its own. */
function effectiveOf(served: string, n: number): string {
  const exporters = Array.from(
    { length: 40 },
    (_, i) => `  otlp_http/${i}:\n    endpoint: https://backend-${n}.test:4318\n`,
  );
  const pipelines = 'service:\n  pipelines:\n    traces:\n      processors: [transform/spanwarden]\n';
  return `exporters:\n${exporters.join('')}${served.replace(/^#.*\n/gm, '')}${pipelines}`;
}

function labelsOf(n: number): Record<string, string> {
  return { 'service.name': 'otelcol', 'service.version': '0.159.0', 'os.type': 'linux', 'host.name': `node-${n}` };
}

function instance(n: number): Uint8Array {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, n + 1);
  return bytes;
}

async function etagOf(url: string, token: string): Promise<string> {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  await answer.text();
  return answer.headers.get('etag')!;
}

/** Each URL is asked once within so many seconds, evenly; waits are in seconds. */
async function poll(urls: readonly string[], headers: Readonly<Record<string, string>>, seconds: number) {
  const agent = new Agent({ keepAlive: false, maxSockets: 500 });
  const waits: number[] = [];
  let unchanged = 0;
  const ask = async (url: string): Promise<void> => {
    const sent = performance.now();
    if ((await get(url, headers, agent)) === 304) unchanged++;
    waits.push((performance.now() - sent) / 1000);
  };
  await evenly(urls, seconds, ask);
  agent.destroy();
  return { waits, unchanged };
}

function get(url: string, headers: Readonly<Record<string, string>>, agent: Agent): Promise<number> {
  return new Promise((done, failed) => {
    const asking = request(url, { agent, headers }, (response) => {
      response.resume();
      response.on('end', () => done(response.statusCode ?? 0));
    });
    asking.on('error', failed);
    asking.end();
  });
}

/** Begins the work on all items evenly over so many seconds, and waits for all of it. */
async function evenly<T>(items: readonly T[], seconds: number, work: (item: T) => Promise<void>): Promise<void> {
  const start = performance.now();
  const begun: Promise<void>[] = [];
  for (const [n, item] of items.entries()) {
    const due = start + (n / items.length) * seconds * 1000;
    if (due > performance.now() + 1) await sleep(due - performance.now());
    begun.push(work(item));
  }
  await Promise.all(begun);
}

/** A server that does nothing but answer 304, in a process of its own: what this machine can do at this time. */
async function startBare(): Promise<{ readonly url: string; stop(): void }> {
  const code = `require('http').createServer((q, s) => s.writeHead(304).end()).listen(0, '127.0.0.1', function () {
    console.log(this.address().port);
  })`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = (await once(child.stdout, 'data')) as [Buffer];
  return { url: `http://127.0.0.1:${port.toString().trim()}/`, stop: () => void child.kill() };
}

/** Every agent has one heartbeat within the interval, evenly. */
async function beatAll(agents: readonly RawAgent[]): Promise<number[]> {
  const waits: number[] = [];
  await evenly(agents, INTERVAL_SECONDS, async (agent) => {
    const sent = performance.now();
    await agent.ask({});
    waits.push((performance.now() - sent) / 1000);
  });
  return waits;
}

/** Seconds from the approval until the last agent has what it is offered. */
async function changed(service: Service, policy: string, agents: readonly RawAgent[]): Promise<number> {
  const start = performance.now();
  let last = 0;
  const reached = agents.map(async (agent, n) => {
    const { remoteConfig } = await agent.next();
    last = Math.max(last, (performance.now() - start) / 1000);
    if (remoteConfig !== null) await applied(agent, remoteConfig, n);
  });
  await approve(service, policy);
  const all = Promise.all(reached);
  const late = sleep(PATIENCE_SECONDS * 1000, null, { ref: false }).then(() => {
    throw new Error(`a change is not with all agents after ${PATIENCE_SECONDS} s`);
  });
  await Promise.race([all, late]);
  return last;
}

function milliseconds(waits: readonly number[]): string {
  const at = (q: number): string => `p${q * 100} ${(quantile(waits, q) * 1000).toFixed(1)} ms`;
  return `${at(0.5)}, ${at(0.99)}`;
}
