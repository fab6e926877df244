import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Service, startService } from '../test/support/service.js';
import { makeCorpus } from './corpus.js';
import { count, type Line, megabytes, peakMemory, quantile } from './measure.js';

const CONNECTIONS = 16;
const SPANS_PER_REQUEST = 512;
const WARM_UP = 200;
const AT_FULL_LOAD = 1500;
const SECONDS_AT_PART_LOAD = 10;
const PART_LOAD = 0.7;
/** As many requests a second as are taken. */
const FULL_LOAD = Number.POSITIVE_INFINITY;

interface Sent {
  readonly acknowledged: number;
  /** Seconds from the sending of a request to its answer. */
  readonly waits: readonly number[];
  readonly seconds: number;
}

/** A service of its own on embedded PostgreSQL; first as fast as it takes requests, then at 70 % of that. */
export async function benchRoad(): Promise<Line[]> {
  const requests = AT_FULL_LOAD * 2 + WARM_UP;
  const bodies = makeBodies(requests);
  const service = await startService({ env: { SPANWARDEN_LOG_LEVEL: 'warn' } });
  try {
    await send(service, bodies.splice(0, WARM_UP), FULL_LOAD);
    const full = await send(service, bodies.splice(0, AT_FULL_LOAD), FULL_LOAD);
    const rate = full.acknowledged / full.seconds;
    const part = await send(service, bodies.slice(0, rate * PART_LOAD * SECONDS_AT_PART_LOAD), rate * PART_LOAD);
    const refused = AT_FULL_LOAD - full.acknowledged;
    return [
      ['acknowledged', `${count(rate * SPANS_PER_REQUEST)} spans/s over ${full.seconds.toFixed(1)} s`],
      ['requests refused for overload', count(refused)],
      ['acknowledgement at full load', milliseconds(full.waits)],
      ['acknowledgement at 70 % load', milliseconds(part.waits)],
      ['peak memory of the service', megabytes(peakMemory(service.pid))],
    ];
  } finally {
    await service.stop();
  }
}

function makeBodies(requests: number): Buffer[] {
  const bodies: Buffer[] = [];
  for (let seed = 1; bodies.length < requests; seed++) {
    const corpus = makeCorpus({ seed, requests: 100, spansPerRequest: SPANS_PER_REQUEST, now: Date.now() });
    bodies.push(...corpus.requests.map((body) => gzipSync(body)));
  }
  return bodies;
}

/** @param perSecond requests a second; one that is late counts its wait from when it was due */
async function send({ endpoints }: Service, bodies: readonly Buffer[], perSecond: number): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const url = `${endpoints.otlpHttp}/v1/traces`;
  const waits: number[] = [];
  const start = performance.now();
  let next = 0;
  let acknowledged = 0;
  const connection = async (): Promise<void> => {
    while (next < bodies.length) {
      const number = next++;
      const now = performance.now();
      const due = perSecond === FULL_LOAD ? now : start + (number / perSecond) * 1000;
      if (due > now) await sleep(due - now);
      const status = await post(url, agent, bodies[number]!);
      if (status === 200) acknowledged++;
      waits.push((performance.now() - due) / 1000);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return { acknowledged, waits, seconds: (performance.now() - start) / 1000 };
}

function post(url: string, agent: Agent, body: Buffer): Promise<number> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'gzip',
    'content-length': body.length,
  };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sending.on('error', reject);
    sending.end(body);
  });
}

function milliseconds(waits: readonly number[]): string {
  const at = (q: number): string => `p${q * 100} ${Math.round(quantile(waits, q) * 1000)} ms`;
  return `${at(0.5)}, ${at(0.99)}`;
}
