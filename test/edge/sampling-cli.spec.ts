import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { type ScanRun, spanwarden } from '../support/scan.js';

const folder = mkdtempSync(join(tmpdir(), 'spanwarden-sampling-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const sdk = file('sdk.json', {
  id: 'sdk',
  services: ['shop'],
  action: {
    ...{ kind: 'sample', stage: 'sdk', otherwise: 0.5, floor: 0.01 },
    keep: { critical: [{ kind: 'name', name: 'POST /pay' }] },
    operations: [{ service: 'shop', operation: 'GET /items/{id}', probability: 0.1 }],
  },
});
const tail = file('tail.json', {
  ...{ id: 'tail', services: [] },
  action: { kind: 'sample', stage: 'tail', keep: { errors: true, slowerThanMs: 1500 }, otherwise: 0.3 },
});
const render = (path: string, target: string): ScanRun =>
  spanwarden(['policy', 'render', '--policy', path, '--target', target]);

describe('policies on sampling on the command line', () => {
  test('are rendered as a strategies file, in JSON as Jaeger wants it', () => {
    const { status, stdout, stderr } = render(sdk, 'jaeger-remote-sampling');
    expect(JSON.parse(stdout)).toEqual({
      service_strategies: [
        {
          ...{ service: 'shop', type: 'probabilistic', param: 0.5 },
          operation_strategies: [
            { operation: 'POST /pay', type: 'probabilistic', param: 1 },
            { operation: 'GET /items/{id}', type: 'probabilistic', param: 0.1 },
          ],
        },
      ],
      default_strategy: { type: 'probabilistic', param: 1 },
    });
    expect(stderr).toMatch(/policy sdk: names are compared as they are/);
    expect(status).toBe(0);
  });

  test('are rendered for Refinery, SDKs and the collector, with what these do otherwise', () => {
    const refinery = render(tail, 'refinery');
    expect(parse(refinery.stdout).Samplers.__default__.RulesBasedSampler.Rules[0]).toMatchObject({ SampleRate: 1 });
    expect(refinery.stderr).toMatch(/policy tail: Refinery keeps one in so many traces/);
    expect(parse(render(sdk, 'otel-sdk').stdout).environment.shop).toMatchObject({
      OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
    });
    expect(parse(render(tail, 'otel-collector').stdout).processors['tail_sampling/spanwarden']).toBeDefined();
    expect(render(sdk, 'refinery')).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/policy sdk is not in it/),
    });
  });

  test('are checked, also where a collector has no part in them', () => {
    expect(spanwarden(['policy', 'check', '--policy', sdk, '--policy', tail]).status).toBe(0);
  });

  test('that are wrong are told all at once, without values', () => {
    const wrong = file('wrong.json', {
      services: [],
      action: {
        ...{ kind: 'sample', stage: 'nowhere', otherwise: 2, adaptive: true, budget: { kind: 'spans_per_second' } },
        keep: { errors: 'yes', slowerThanMs: 0, critical: [{ kind: 'name' }] },
        operations: [{ service: 'shop', operation: 'GET /' }],
      },
    });
    const { status, stderr } = spanwarden(['policy', 'check', '--policy', wrong]);
    expect(status).toBe(2);
    const places = ['critical[0]: name', 'operations[0]: probability', 'budget: amount', 'stage', 'otherwise'];
    for (const place of [...places, 'errors', 'slowerThanMs']) expect(stderr).toContain(place);
    expect(stderr).not.toContain('nowhere');
  });
});
