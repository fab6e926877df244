import { expect, test } from '@jest/globals';
import { simulationTools } from '../../src/edge/policy/simulation-tools.js';
import type { Location } from '../../src/engine/model/location.js';
import type { PolicyAction, PolicyVersion } from '../../src/engine/model/policy.js';
import type { EffectCounts } from '../../src/engine/model/simulation.js';
import type { TraceRequest } from '../../src/engine/model/trace-request.js';
import { requestBytes, spanBytes } from '../../src/engine/model/trace-size.js';
import { Simulator } from '../../src/engine/policy/simulate.js';

const text = (key: string, stringValue: string) => ({ key, value: { stringValue } });
const REQUEST: TraceRequest = {
  resourceSpans: [
    {
      resource: { attributes: [text('service.name', 'web'), text('host', 'h1')] },
      scopeSpans: [
        {
          spans: [
            { name: 'GET /health', status: { code: 0 } },
            { name: 'GET /health', status: { code: 2 } },
            { name: 'GET /cart', attributes: [text('user', 'u-1'), text('route', '/cart'), text('other', 'o')] },
          ],
        },
      ],
    },
  ],
};

function policy(id: string, location: Location, key: string, action: PolicyAction): PolicyVersion {
  const rest = { cause: id, title: '', reason: '', findings: [], services: ['web'] };
  return { id, version: 1, state: 'approved', policy: { ...rest, location, key, action } };
}

function run(policies: readonly PolicyVersion[]): { result: TraceRequest; effects: [string, EffectCounts][] } {
  const simulator = Simulator.of(policies, simulationTools()) as Simulator;
  const effects: [string, EffectCounts][] = [];
  const result = simulator.run(REQUEST, ({ policy: id, counts }) => effects.push([id, counts]));
  return { result, effects };
}

/** Bytes that are in no attribute: lengths of what holds attributes take a byte less or more each. */
function framing(result: TraceRequest, effects: readonly [string, EffectCounts][]): number {
  const told = effects.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  return Math.abs(requestBytes(REQUEST) - requestBytes(result) - told);
}

test('a dropped span counts with its bytes, and one that failed stays', () => {
  const { result, effects } = run([
    policy('p', 'span_name', 'span.name', { kind: 'drop', match: 'GET /health', keepErrors: true }),
  ]);
  const spans = REQUEST.resourceSpans![0]!.scopeSpans![0]!.spans!;
  expect(result.resourceSpans![0]!.scopeSpans![0]!.spans!.map(({ name, status }) => [name, status?.code])).toEqual([
    ['GET /health', 2],
    ['GET /cart', undefined],
  ]);
  expect(effects).toEqual([
    ['p', { masked: 0, removed: 0, renamed: 0, generalised: 0, dropped: 1, bytes: spanBytes(spans[0]!) }],
  ]);
});

test('where no span stays, nothing does', () => {
  const drops = ['GET /health', 'GET /{any}'].map((match) =>
    policy(match, 'span_name', 'span.name', { kind: 'drop', match, keepErrors: false }),
  );
  const { result, effects } = run(drops);
  expect(result).toEqual({ resourceSpans: [] });
  expect(effects.map(([id]) => id)).toEqual(['GET /health', 'GET /health', 'GET /{any}']);
});

test('attributes that do not stay are removed, and the name of the service does', () => {
  const { result, effects } = run([
    policy('span', 'span', '*', { kind: 'keep', keys: ['route'] }),
    policy('resource', 'resource', '*', { kind: 'keep', keys: ['zone'] }),
  ]);
  expect(result.resourceSpans![0]!.resource!.attributes!.map(({ key }) => key)).toEqual(['service.name']);
  expect(result.resourceSpans![0]!.scopeSpans![0]!.spans![2]!.attributes!.map(({ key }) => key)).toEqual(['route']);
  expect(effects.map(([id, { removed }]) => [id, removed])).toEqual([
    ['resource', 1],
    ['span', 2],
  ]);
  expect(framing(result, effects)).toBeLessThanOrEqual(3);
});

test('a keyed hash is one value masked, with the bytes that it has more, under another name, too', () => {
  const { result, effects } = run([
    policy('hash', 'span', 'user', { kind: 'keyed-hash' }),
    policy('name', 'span', 'user', { kind: 'rename', to: 'user.id' }),
  ]);
  const [attribute] = result.resourceSpans![0]!.scopeSpans![0]!.spans![2]!.attributes!.filter(
    ({ key }) => key === 'user.id',
  );
  expect(attribute!.value!.stringValue).toBe(simulationTools().keyedHash('spanwarden:hmac:u-1'));
  expect(attribute!.value!.stringValue).toMatch(/^[0-9a-f]{64}$/);
  const masked = effects.filter(([id]) => id === 'hash').reduce((sum, [, counts]) => sum + counts.masked, 0);
  expect(masked).toBe(1);
  expect(framing(result, effects)).toBeLessThanOrEqual(3);
});
