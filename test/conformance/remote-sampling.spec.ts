import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../src/edge/ports.js';
import type { SamplingPolicy } from '../../src/edge/serve/contract.js';
import { describeWith } from '../support/needs.js';
import { askGrpc, withoutNulls } from '../support/remote-sampling.js';
import { eventually, type Service, startService } from '../support/service.js';
import { COLLECTOR_BINARY, type Collector, Folder, startCollector } from './collector.js';
import { type Jaeger, MISSING_JAEGER, startJaeger } from './jaeger.js';

type Answer = Record<string, unknown>;

let service: Service;

beforeAll(async () => {
  service = await startService();
  await decide({ otherwise: 0.5, cart: 0.125 });
});

afterAll(() => service?.stop());

/** Approves a policy, in the place of the one before. */
async function decide({ otherwise, cart }: { otherwise: number; cart: number }): Promise<void> {
  const operations = [{ service: 'shop', operation: 'GET /cart', probability: cart }];
  const made = await service.api<SamplingPolicy>('/api/v1/sampling/policies', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ services: ['shop'], action: { stage: 'sdk', otherwise, operations } }),
  });
  // Who wrote it approves it here, too.
  await service.api('/api/v1/policy-sets/default', {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ two_persons: false }),
  });
  const { status } = await service.api(`/api/v1/policies/${made.body.id}/approve`, { method: 'POST' });
  expect(status).toBe(200);
}

const strategiesUrl = (): string => {
  const url = new URL('/api/v1/policy-sets/default/sampling-strategies.json', service.endpoints.http);
  url.username = 'collector';
  url.password = readFileSync(join(service.home, 'collector-token'), 'utf8').trim();
  return url.href;
};

/** Of an answer in JSON; the type is said in words by some versions of Jaeger, and as a number by others. */
async function ask(http: string, name: string): Promise<Answer> {
  const response = await fetch(`${http}/sampling?service=${encodeURIComponent(name)}`);
  const answer = (await response.json()) as Answer;
  return { ...answer, strategyType: answer.strategyType === 0 ? 'PROBABILISTIC' : answer.strategyType };
}

const rateOf = (answer: Answer): unknown => (answer.probabilisticSampling as { samplingRate?: number }).samplingRate;

describe('the sampler of the SDK for Node.js', () => {
  let program: ChildProcess;
  let last: readonly number[] = [];

  beforeAll(() => {
    const script = join(import.meta.dirname, 'remote-sampling-sdk.js');
    program = spawn(process.execPath, [script, service.endpoints.samplingHttp!, 'shop'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    program.stdout!.on('data', (chunk: Buffer) => {
      const line = chunk.toString('utf8').trim().split('\n').at(-1)!;
      if (line.endsWith(']')) last = JSON.parse(line) as number[];
    });
  });

  afterAll(() => void program?.kill());

  /** Five standard deviations of 2,000 spans. */
  const isAbout = (share: number | undefined, rate: number): boolean =>
    share !== undefined && Math.abs(share - rate) <= 5 * Math.sqrt((rate * (1 - rate)) / 2_000);
  const settle = (cart: number, other: number) =>
    eventually(
      async () => last,
      ([a, b]) => isAbout(a, cart) && isAbout(b, other),
    );

  test('keeps the share of each operation, and follows a change', async () => {
    await settle(0.125, 0.5);
    await decide({ otherwise: 0.05, cart: 0.8 });
    await settle(0.8, 0.05);
    await decide({ otherwise: 0.5, cart: 0.125 });
    await settle(0.125, 0.5);
  });
});

describeWith('a Jaeger that reads our strategies', MISSING_JAEGER, () => {
  let jaeger: Jaeger;

  beforeAll(async () => {
    jaeger = await startJaeger(strategiesUrl());
  });

  afterAll(() => jaeger?.stop());

  test.each(['shop', 'nobody decided on this'])('answers the same as we do: %s', async (name) => {
    const ours = await ask(service.endpoints.samplingHttp!, name);
    expect(await ask(jaeger.http, name)).toEqual(ours);
    const [theirGrpc, ourGrpc] = await Promise.all([
      askGrpc(jaeger.grpc, name),
      askGrpc(service.endpoints.samplingGrpc!, name),
    ]);
    expect(ourGrpc).toEqual(theirGrpc);
    expect(withoutNulls(ourGrpc)).toMatchObject(ours);
  });

  test('follows a change', async () => {
    await decide({ otherwise: 0.25, cart: 0.75 });
    const theirs = await eventually(
      () => ask(jaeger.http, 'shop'),
      (answer) => rateOf(answer) === 0.25,
    );
    expect(theirs).toEqual(await ask(service.endpoints.samplingHttp!, 'shop'));
    await decide({ otherwise: 0.5, cart: 0.125 });
  });
});

/** The collector that the suite builds may lack the extension; the contrib distribution has it. */
const hasExtension =
  COLLECTOR_BINARY !== null &&
  spawnSync(COLLECTOR_BINARY, ['components'], { encoding: 'utf8' }).stdout.includes('jaegerremotesampling');
const withExtension = hasExtension ? describe : describe.skip;
if (!hasExtension) {
  process.stderr.write(
    '\nSKIPPED: the extension jaegerremotesampling\n  This collector does not have it; set OTELCOL_BIN to a contrib distribution.\n\n',
  );
}

withExtension('a collector with the extension jaegerremotesampling', () => {
  const folder = new Folder();
  let collector: Collector;
  let http = '';

  beforeAll(async () => {
    const [port, grpc] = [await freePort(), await freePort()];
    http = `http://127.0.0.1:${port}`;
    const config = folder.write('collector.yaml', {
      receivers: { otlp: { protocols: { http: {}, grpc: {} } } },
      exporters: { debug: {} },
      extensions: {
        jaegerremotesampling: {
          source: { file: strategiesUrl(), reload_interval: '1s' },
          http: { endpoint: `127.0.0.1:${port}` },
          grpc: { endpoint: `127.0.0.1:${grpc}` },
        },
      },
      service: {
        extensions: ['jaegerremotesampling'],
        pipelines: { traces: { receivers: ['otlp'], exporters: ['debug'] } },
      },
    });
    collector = await startCollector([`file:${config}`]);
  });

  afterAll(async () => {
    await collector?.stop();
    folder.remove();
  });

  test('answers the same as we do, and follows a change', async () => {
    expect(await ask(http, 'shop')).toEqual(await ask(service.endpoints.samplingHttp!, 'shop'));
    await decide({ otherwise: 0.25, cart: 0.75 });
    await eventually(
      () => ask(http, 'shop'),
      (answer) => rateOf(answer) === 0.25,
    );
    await decide({ otherwise: 0.5, cart: 0.125 });
  });
});
