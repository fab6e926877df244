import { describe, expect, test } from '@jest/globals';
import type { SamplingStage } from '../../src/engine/model/sampling.js';
import { type AdaptMemory, NO_MEMORY } from '../../src/engine/policy/adapt-memory.js';
import { type Adapted, adaptRates } from '../../src/engine/policy/adapt-rates.js';
import { rateLookup, type SamplingRates } from '../../src/engine/policy/sampling-budget.js';
import type { OperationEstimate } from '../../src/engine/policy/sampling-traffic.js';

const KEEP_ALL: SamplingRates = { operations: [], otherwise: 1 };
const ROUND_S = 60;
const SPANS = 10;

/** Numbers that look like chance and are the same in every run (Mulberry32, T. Ettinger). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A count of a Poisson distribution; of a large mean by its normal approximation. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  let [count, product] = [0, random()];
  while (product > Math.exp(-mean)) {
    product *= random();
    count++;
  }
  return count;
}

interface Setup {
  readonly perSecond: number;
  readonly stage?: SamplingStage;
  readonly floor?: number;
  readonly start?: SamplingRates;
  /** Whether the policy has dropped traces before they are counted. */
  readonly isThinned?: boolean;
  /** Whether anybody carries the policy out. */
  readonly isCarriedOut?: boolean;
  readonly seed?: number;
}

interface Run {
  readonly rates: SamplingRates[];
  readonly outcomes: Adapted['outcome'][];
  readonly changes: number;
  readonly last: Adapted;
  /** Spans per second that the last rates keep of the last load. */
  readonly kept: number;
}

/** Runs rounds over loads: traces per second by operation. */
function run(loads: readonly Readonly<Record<string, number>>[], setup: Setup): Run {
  const { perSecond, stage = 'sdk', floor = 0.001, isThinned = true, isCarriedOut = true, seed = 1 } = setup;
  const random = randomOf(seed);
  let rates = setup.start ?? KEEP_ALL;
  let memory: AdaptMemory = NO_MEMORY;
  const result: { rates: SamplingRates[]; outcomes: Adapted['outcome'][]; last: Adapted | null } = {
    ...{ rates: [], outcomes: [], last: null },
  };
  for (const load of loads) {
    const rateOf = rateLookup(rates);
    const estimates = Object.entries(load).map(([operation, tracesPerSecond]): OperationEstimate => {
      const rate = isThinned ? rateOf({ service: 'web', operation }) : 1;
      const seen = poisson(tracesPerSecond * ROUND_S * (isCarriedOut ? rate : 1), random);
      const traces = seen / rate;
      const nothing = { traces: 0, spans: 0, bytes: 0 };
      const ordinary = { traces, spans: traces * SPANS, bytes: traces * SPANS * 500 };
      const classes = { error: nothing, slow: nothing, critical: nothing, ordinary };
      return { service: 'web', operation, seen, weight: 1 / rate, meanSquare: SPANS ** 2, classes };
    });
    const rules = { stage, unit: { perSpan: 1, perByte: 0 }, perSecond, floor };
    const adapted = adaptRates(memory, rates, { seconds: ROUND_S, estimates }, rules);
    ({ memory, rates } = adapted);
    result.rates.push(rates);
    result.outcomes.push(adapted.outcome);
    result.last = adapted;
  }
  const rateOf = rateLookup(rates);
  const last = loads.at(-1)!;
  const kept = Object.entries(last).reduce(
    (sum, [operation, traces]) => sum + traces * SPANS * rateOf({ service: 'web', operation }),
    0,
  );
  const changes = result.outcomes.filter((outcome) => outcome === 'changed').length;
  return { ...result, changes, last: result.last!, kept };
}

const steady = <T>(rounds: number, load: T): T[] => Array.from({ length: rounds }, () => load);
const SHOP = { 'GET /': 200, 'GET /cart': 50, 'POST /pay': 1, 'GET /rare': 0.02 };

describe('probabilities that follow the traffic', () => {
  test.each([
    ['SDKs, whose dropped traces nobody sees', {}],
    ['a copy from before the collector drops anything', { isThinned: false }],
  ])('a budget is met within 10 %%: %s', (_name, setup) => {
    const { kept, last, rates } = run(steady(60, SHOP), { perSecond: 200, ...setup });
    expect(kept).toBeLessThanOrEqual(200 * 1.1);
    expect(kept).toBeGreaterThan(200 * 0.7);
    const rateOf = rateLookup(last.rates);
    expect(rateOf({ service: 'web', operation: 'GET /rare' })).toBe(1);
    expect(rateOf({ service: 'web', operation: 'GET /' })).toBeLessThan(
      rateOf({ service: 'web', operation: 'GET /cart' }),
    );
    // What is new is kept until it is known.
    expect(rates.at(-1)!.otherwise).toBe(1);
  });

  test.each([1, 2, 3, 4, 5])('noise moves nothing once the budget is met (seed %d)', (seed) => {
    const settled = run(steady(60, SHOP), { perSecond: 200, seed });
    const after = run(steady(600, SHOP), { perSecond: 200, seed: seed + 100, start: settled.last.rates });
    expect(after.changes).toBeLessThanOrEqual(2);
  });

  test('a load ten times as large is met in bounded steps, and so is its end', () => {
    const large = Object.fromEntries(Object.entries(SHOP).map(([name, traces]) => [name, traces * 10]));
    const before = run(steady(60, SHOP), { perSecond: 200 }).last.rates;
    const up = run(steady(40, large), { perSecond: 200, start: before });
    expect(up.kept).toBeLessThanOrEqual(200 * 1.1);
    for (const [i, rates] of up.rates.entries()) {
      const was = rateLookup(up.rates[i - 1] ?? before);
      for (const one of rates.operations) {
        expect(one.probability).toBeGreaterThanOrEqual(was(one) / 4.01);
        expect(one.probability).toBeLessThanOrEqual(was(one) * 2.01);
      }
    }
    const down = run(steady(120, SHOP), { perSecond: 200, start: up.last.rates });
    expect(down.kept).toBeGreaterThan(200 * 0.7);
    expect(down.kept).toBeLessThanOrEqual(200 * 1.1);
  });

  test('one strange round changes nothing', () => {
    const start = run(steady(60, SHOP), { perSecond: 200 }).last.rates;
    const spike = [...steady(10, SHOP), { ...SHOP, 'GET /': 300 }, ...steady(10, SHOP)];
    expect(run(spike, { perSecond: 200, start }).changes).toBe(0);
  });

  test('the floor holds, also where the budget cannot be kept', () => {
    const { rates, kept } = run(steady(80, SHOP), { perSecond: 1, floor: 0.05 });
    for (const { operations, otherwise } of rates) {
      for (const { probability } of [...operations, { probability: otherwise }]) {
        expect(probability).toBeGreaterThanOrEqual(0.05);
      }
    }
    expect(kept).toBeGreaterThan(1);
  });

  test('without evidence nothing changes', () => {
    const start = { operations: [{ service: 'web', operation: 'GET /', probability: 0.01 }], otherwise: 1 };
    const thin = run(steady(60, { 'GET /': 0.5 }), { perSecond: 0.001, start });
    expect([thin.changes, thin.outcomes.at(-1)]).toEqual([0, 'insufficient_evidence']);
    const silent = run(steady(60, {}), { perSecond: 0.001, start });
    expect([silent.changes, silent.last.rates]).toEqual([0, start]);
  });

  test('an operation that has gone quiet is kept whole again, while others go on', () => {
    const start = run(steady(60, SHOP), { perSecond: 200 }).last.rates;
    const quiet = run(steady(120, { ...SHOP, 'GET /': 0 }), { perSecond: 200, start }).last.rates;
    const was = rateLookup(start)({ service: 'web', operation: 'GET /' });
    expect(rateLookup(quiet)({ service: 'web', operation: 'GET /' })).toBeGreaterThan(was * 4);
  });

  test('where nobody carries the policy out, it says so and goes no lower', () => {
    const { last, rates } = run(steady(120, SHOP), { perSecond: 100, isCarriedOut: false });
    expect(last).toMatchObject({ outcome: 'without_effect', reason: expect.stringMatching(/nobody carries/) });
    const lowest = rateLookup(rates.at(-1)!)({ service: 'web', operation: 'GET /' });
    expect(lowest).toBeGreaterThan(0.001);
  });

  test('a collector is given other probabilities at most twice an hour', () => {
    const swinging = Array.from({ length: 600 }, (_, i) => ({ 'GET /': i % 20 < 10 ? 20 : 400 }));
    const { outcomes } = run(swinging, { perSecond: 200, stage: 'tail', isThinned: false });
    const at = outcomes.flatMap((outcome, i) => (outcome === 'changed' ? [i] : []));
    for (const [i, round] of at.entries()) if (i > 0) expect(round - at[i - 1]!).toBeGreaterThanOrEqual(30);
  });

  test('a collector that knows trace ids alone has one probability', () => {
    const { last, kept } = run(steady(200, { '': 300 }), { perSecond: 150, stage: 'collector', isThinned: false });
    expect(last.rates.operations).toEqual([]);
    expect(kept).toBeGreaterThan(150 * 0.7);
    expect(kept).toBeLessThanOrEqual(150 * 1.1);
  });
});
