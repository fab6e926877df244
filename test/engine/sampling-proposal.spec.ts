import { describe, expect, test } from '@jest/globals';
import type { PolicyVersion, SampleAction } from '../../src/engine/model/policy.js';
import { QuantileSketch } from '../../src/engine/model/quantile-sketch.js';
import type { KeepRules, SamplingStage } from '../../src/engine/model/sampling.js';
import { effectOf, lackOfEvidence, proposeRates, rateChanges } from '../../src/engine/policy/sampling-proposal.js';
import {
  estimateTraffic,
  NOT_SAMPLED,
  type OperationTraces,
  type SamplingInForce,
  slowLimit,
  trafficOf,
} from '../../src/engine/policy/sampling-traffic.js';
import { renderJaegerRemoteSampling } from '../../src/engine/policy/targets/jaeger-remote-sampling.js';
import { limitOf, ScopePrice } from '../../src/flow/sampling-limit.js';
import { inForceOf } from '../../src/flow/sampling-traffic.js';

const SPANS = 4;
const NO_RULES: KeepRules = { errors: false, slowerThanMs: null, critical: [] };
const RULES: KeepRules = { errors: true, slowerThanMs: 1_000, critical: [{ kind: 'name', name: 'POST /pay' }] };

/** Traces of an operation: how many have errors, and how many of the others take 5 s and how many 10 ms. */
interface Plain {
  readonly operation: string;
  readonly errors?: number;
  readonly slow?: number;
  readonly ordinary?: number;
  readonly weight?: number;
}

function counted({ operation, errors = 0, slow = 0, ordinary = 0, weight = 1 }: Plain): OperationTraces {
  const okDurations = new QuantileSketch();
  if (slow > 0) okDurations.add(5_000, slow);
  if (ordinary > 0) okDurations.add(10, ordinary);
  const traces = errors + slow + ordinary;
  return {
    ...{ service: 'shop', operation, traces, weight, okDurations, errorTraces: errors, errorSpans: errors * SPANS },
    ...{ spans: traces * SPANS, spansSquared: traces * SPANS ** 2, bytes: traces * SPANS * 500 },
  };
}

describe('traffic before a policy dropped some of it', () => {
  const rates = { operations: [{ service: 'shop', operation: 'GET /', probability: 0.1 }], otherwise: 0.5 };
  const inForce = (stage: SamplingStage, keep: KeepRules) => (): SamplingInForce => ({ stage, keep, rates });

  test.each([
    ['in SDKs, which know nothing of a trace', 'sdk', NO_RULES, { errors: 3, slow: 2, ordinary: 95 }, [30, 20, 950]],
    [
      'in a collector that keeps errors and slow traces',
      'tail',
      RULES,
      { errors: 3, slow: 2, ordinary: 95 },
      [3, 2, 950],
    ],
    [
      ...(['in a collector that keeps errors only', 'tail', { ...RULES, slowerThanMs: null }] as const),
      ...([{ errors: 3, slow: 2, ordinary: 95 }, [3, 20, 950]] as const),
    ],
  ] as const)('%s', (_name, stage, keep, seen, [errors, slow, ordinary]) => {
    const [one] = estimateTraffic([counted({ operation: 'GET /', ...seen })], RULES, 'tail', inForce(stage, keep));
    expect(one!.classes.error.traces).toBeCloseTo(errors);
    expect(one!.classes.slow.traces).toBeCloseTo(slow);
    expect(one!.classes.ordinary.traces).toBeCloseTo(ordinary);
    expect(one!.classes.ordinary.spans).toBeCloseTo(ordinary * SPANS);
    expect(one!.seen).toBe(100);
  });

  test('counts for what the copy stands for, critical routes whole, and by no rule twice', () => {
    const list = [
      counted({ operation: 'POST /pay', errors: 10, slow: 10, ordinary: 80, weight: 4 }),
      counted({ operation: 'GET /x', errors: 5, ordinary: 95 }),
    ];
    const [pay, other] = estimateTraffic(list, RULES, 'tail', NOT_SAMPLED);
    expect(pay!.classes).toMatchObject({ error: { traces: 40 }, slow: { traces: 40 }, ordinary: { traces: 0 } });
    expect(pay!.classes.critical.traces).toBeCloseTo(320);
    const all = Object.values(other!.classes).reduce((sum, { traces }) => sum + traces, 0);
    expect(all).toBeCloseTo(100);
    // What begins a trace is all that SDKs know, and a trace id says nothing at all.
    const [sdk] = estimateTraffic(list, RULES, 'sdk', NOT_SAMPLED);
    expect(sdk!.classes).toMatchObject({ error: { traces: 0 }, slow: { traces: 0 }, ordinary: { traces: 0 } });
    const [share] = estimateTraffic(list, RULES, 'collector', NOT_SAMPLED);
    expect(share!.classes.ordinary.traces).toBeCloseTo(400);
  });

  test('its percentile of durations is that of what there was', () => {
    // Slow traces were all kept, of the others one in ten: 5 % of what is seen were 0.5 % of what there was.
    const seen = [counted({ operation: 'GET /', slow: 5, ordinary: 95 })];
    expect(slowLimit(seen, 97, NOT_SAMPLED)).toBeGreaterThan(4_900);
    expect(slowLimit(seen, 97, inForce('tail', RULES))).toBeLessThan(20);
    expect(slowLimit([], 99, NOT_SAMPLED)).toBeNull();
  });
});

describe('policies that dropped traces before they were counted', () => {
  const version = (id: string, stage: SamplingStage, services: string[], environment = ''): PolicyVersion => {
    const action: SampleAction = {
      ...{ kind: 'sample', stage, environment, keep: NO_RULES, operations: [], otherwise: 0.5, floor: 0.01 },
      ...{ budget: null, adaptive: false },
    };
    const about = { cause: id, title: '', reason: '', location: 'span', key: 'trace_id', findings: [] } as const;
    return { id, version: 1, state: 'approved', policy: { ...about, services, action } };
  };
  const approved = [
    version('a', 'sdk', ['shop']),
    version('b', 'tail', [], 'production'),
    version('c', 'tail', ['shop']),
    version('d', 'collector', []),
  ];

  test.each([
    ['sdk', 'before', '', 'shop', true],
    ['sdk', 'before', '', 'web', false],
    ['tail', 'before', '', 'shop', false],
    ['tail', 'after', '', 'shop', true],
    ['tail', 'after', '', 'web', false],
    ['tail', 'after', 'production', 'web', true],
    ['collector', 'before', '', 'web', false],
    ['collector', 'after', '', 'web', true],
  ] as const)('%s, a copy from %s, environment "%s", service %s: %s', (stage, tap, environment, service, isThere) => {
    const found = inForceOf(stage, approved, tap, environment)(service);
    expect(found === null ? null : found.stage).toBe(isThere ? stage : null);
  });
});

describe('rates within a limit', () => {
  const list = [
    counted({ operation: 'GET /', errors: 10, ordinary: 9_990 }),
    counted({ operation: 'GET /cart', ordinary: 400 }),
    counted({ operation: 'GET /thin', ordinary: 29 }),
    counted({ operation: '', ordinary: 500 }),
  ];
  const estimates = estimateTraffic(list, RULES, 'tail', NOT_SAMPLED);
  const SECONDS = 100;
  const UNIT = { perSpan: 1, perByte: 0 };

  test('thin what is frequent, and leave alone what is thin or has no name', () => {
    const traffic = trafficOf(estimates, SECONDS, UNIT);
    const { operations, otherwise, isWithin } = proposeRates(traffic, 'tail', 100, 0.01);
    expect([otherwise, isWithin]).toEqual([1, true]);
    expect(operations.map(({ operation }) => operation)).not.toContain('GET /thin');
    expect(operations.map(({ operation }) => operation)).not.toContain('');
    const effect = effectOf(estimates, { operations, otherwise });
    expect(effect.kept.spans / SECONDS).toBeLessThanOrEqual(100);
    expect(effect.classes.find(({ name }) => name === 'error')!.kept.traces).toBe(10);
    const sum = effect.classes.reduce((traces, { offered }) => traces + offered.traces, 0);
    expect(sum).toBeCloseTo(effect.offered.traces);
    expect(effect.error).toBeGreaterThan(0);
    expect(effect.error).toBeLessThan(0.05);
  });

  test('are one for everything where only trace ids are known, and the floor where that is too much', () => {
    const traffic = trafficOf(estimateTraffic(list, NO_RULES, 'collector', NOT_SAMPLED), SECONDS, UNIT);
    expect(proposeRates(traffic, 'collector', 100, 0.01)).toEqual({ operations: [], otherwise: 0.22, isWithin: true });
    expect(proposeRates(traffic, 'collector', 1, 0.01)).toEqual({ operations: [], otherwise: 0.01, isWithin: false });
    expect(proposeRates(traffic, 'collector', 1e6, 0.01)).toMatchObject({ otherwise: 1, isWithin: true });
  });

  test.each([
    [100, 3_600, /^100 traces .* at least 200/],
    [10_000, 60, /^traffic was counted for 60 s/],
    [10_000, 3_600, /^$/],
  ])('need evidence: %d traces in %d s', (traces, seconds, reason) => {
    const some = estimateTraffic([counted({ operation: 'GET /', ordinary: traces })], NO_RULES, 'tail', NOT_SAMPLED);
    expect(lackOfEvidence(some, seconds)).toMatch(reason);
  });

  test('that differ are told, also for what is not listed', () => {
    const of = (operation: string, probability: number) => ({ service: 's', operation, probability });
    const before = { operations: [of('a', 0.5), of('b', 0.2)], otherwise: 1 };
    const after = { operations: [of('b', 0.2), of('c', 0.1)], otherwise: 0.9 };
    expect(rateChanges(before, after)).toEqual([
      { service: 's', operation: 'a', from: 0.5, to: 0.9 },
      { service: 's', operation: 'c', from: 1, to: 0.1 },
      { service: '', operation: '', from: 1, to: 0.9 },
    ]);
    expect(rateChanges(before, before)).toEqual([]);
  });
});

describe('a budget of money', () => {
  const meter = {
    ...{ id: 'gb', measures: 'ingested_bytes', unit: 'GB', share: 1, days: 0, baseDays: 0, compression: 1 },
    ...{ replicas: 1, count: 1, pricePerUnit: 0.5, marginalPricePerUnit: 0.5 },
  } as const;
  const model = (included: number, price = 0.5) =>
    ({
      ...{
        id: 'm',
        name: 'M',
        vendor: 'V',
        currency: 'USD',
        asOf: '2026-11-01',
        confirmed: true,
        source: '',
        notes: '',
      },
      ...{ examples: [], meters: [{ ...meter, included, pricePerUnit: price, marginalPricePerUnit: price }] },
    }) as ConstructorParameters<typeof ScopePrice>[0];
  const MONTH = { spans: 1e9, bytes: 1e12 };
  const budget = { kind: 'money_per_month', amount: 100, priceModel: 'm' } as const;
  const bytesAMonth = (included: number): number => {
    const priced = { model: model(included), scope: new ScopePrice(model(included), MONTH, MONTH) };
    const { unit, perSecond } = limitOf(budget, priced, MONTH)!;
    return (perSecond * 30 * 86_400) / unit.perByte;
  };

  test('is what it buys, with what is included', () => {
    expect(bytesAMonth(0)).toBeCloseTo(200e9, -3);
    expect(bytesAMonth(100)).toBeCloseTo(300e9, -3);
  });

  test('is none where volume costs nothing', () => {
    const free = model(0, 0);
    expect(limitOf(budget, { model: free, scope: new ScopePrice(free, MONTH, MONTH) }, MONTH)).toBeNull();
    expect(limitOf(budget, null, MONTH)).toBeNull();
  });
});

describe('Jaeger remote sampling', () => {
  test('keeps critical routes by their names, and says what it cannot know', () => {
    const action: SampleAction = {
      ...{ kind: 'sample', stage: 'sdk', environment: '', keep: RULES, otherwise: 0.5, floor: 0.01 },
      ...{ operations: [{ service: 'shop', operation: 'POST /pay', probability: 0.1 }], budget: null, adaptive: false },
    };
    const about = { cause: '', title: '', reason: '', location: 'span', key: 'trace_id', findings: [] } as const;
    const policy = { ...about, services: ['shop'], action };
    const { document, notes } = renderJaegerRemoteSampling([{ id: 'a', version: 1, state: 'approved', policy }]);
    expect(document.service_strategies).toEqual([
      {
        ...{ service: 'shop', type: 'probabilistic', param: 0.5 },
        operation_strategies: [{ operation: 'POST /pay', type: 'probabilistic', param: 1 }],
      },
    ]);
    expect(notes).toEqual([{ id: 'a', note: expect.stringMatching(/nothing is known of errors/) }]);
  });
});
