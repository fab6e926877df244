import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_OPERATIONS } from '../../src/engine/model/sampling.js';
import {
  allocate,
  costOfRates,
  type OperationTraffic,
  type SamplingRates,
  settle,
} from '../../src/engine/policy/sampling-budget.js';

const FLOORS = [0.001, 0.01, 0.05];
const traffic = fc
  .uniqueArray(
    fc.record({
      operation: fc.string({ minLength: 1, maxLength: 4 }),
      tracesPerSecond: fc.double({ min: 1e-4, max: 5_000, noNaN: true }),
      costPerTrace: fc.double({ min: 1, max: 1e5, noNaN: true }),
      alwaysKept: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { minLength: 1, maxLength: 260, selector: ({ operation }) => operation },
  )
  .map((list): OperationTraffic[] => list.map((one) => ({ service: 's', ...one })));
const offered = (list: readonly OperationTraffic[]): number =>
  list.reduce((sum, { tracesPerSecond, costPerTrace }) => sum + tracesPerSecond * costPerTrace, 0);

describe('probabilities to a budget', () => {
  test('the budget is kept or else all is at the floor, and no probability leaves [floor, 1]', () => {
    fc.assert(
      fc.property(
        traffic,
        fc.double({ min: 1e-4, max: 1.2, noNaN: true }),
        fc.constantFrom(...FLOORS),
        (list, share, floor) => {
          const budget = offered(list) * share;
          const result = allocate(list, budget, floor);
          expect(result.operations.length).toBeLessThanOrEqual(MAX_OPERATIONS);
          const all = [...result.operations.map(({ probability }) => probability), result.otherwise];
          for (const probability of all) {
            expect(probability).toBeGreaterThanOrEqual(floor);
            expect(probability).toBeLessThanOrEqual(1);
          }
          if (result.isWithin) expect(costOfRates(list, result)).toBeLessThanOrEqual(budget * (1 + 1e-9));
          else expect(result.operations.every(({ probability }) => probability === floor)).toBe(true);
          expect(result.expected).toBeCloseTo(costOfRates(list, result), 3);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('no shift of budget between two operations loses less', () => {
    // Weighed relative variance, Σ (1 − p) / p, where the traffic of an operation counts with n.
    const loss = (list: readonly OperationTraffic[], p: readonly number[]): number =>
      p.reduce((sum, probability, i) => sum + (list[i]!.tracesPerSecond > 0 ? (1 - probability) / probability : 0), 0);
    fc.assert(
      fc.property(
        traffic,
        fc.double({ min: 0.02, max: 0.9, noNaN: true }),
        fc.nat(),
        fc.nat(),
        (given, share, a, b) => {
          const list = given.slice(0, 50).map((one) => ({ ...one, alwaysKept: 0 }));
          const budget = offered(list) * share;
          const { operations, isWithin } = allocate(list, budget, 0.001);
          const byName = new Map(operations.map(({ operation, probability }) => [operation, probability]));
          const p = list.map(({ operation }) => byName.get(operation)!);
          const [i, j] = [a % list.length, b % list.length];
          if (!isWithin || i === j) return;
          const cost = list.map(({ tracesPerSecond, costPerTrace }) => tracesPerSecond * costPerTrace);
          // More than rounding to two digits can hide.
          for (const step of [1.5, 3]) {
            const moved = [...p];
            moved[i] = p[i]! * step;
            moved[j] = p[j]! - ((moved[i]! - p[i]!) * cost[i]!) / cost[j]!;
            if (moved[i]! > 1 || moved[j]! < 0.001) continue;
            expect(loss(list, moved)).toBeGreaterThanOrEqual(loss(list, p) * (1 - 1e-9));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test('what is rare is kept whole, what is frequent is thinned most', () => {
    const one = (operation: string, tracesPerSecond: number): OperationTraffic => ({
      ...{ service: 'shop', operation, tracesPerSecond, costPerTrace: 10, alwaysKept: 0 },
    });
    const result = allocate([one('GET /', 900), one('GET /cart', 90), one('refund', 0.01)], 1000, 0.001);
    expect(result.operations).toEqual([
      { service: 'shop', operation: 'GET /', probability: 0.084 },
      { service: 'shop', operation: 'GET /cart', probability: 0.26 },
      { service: 'shop', operation: 'refund', probability: 1 },
    ]);
    expect(result).toMatchObject({ isWithin: true, otherwise: 1 });
  });

  test('what rules always keep comes off the budget first', () => {
    const list: OperationTraffic[] = [
      { service: 's', operation: 'a', tracesPerSecond: 10, costPerTrace: 10, alwaysKept: 0.5 },
    ];
    expect(allocate(list, 75, 0.01).operations[0]!.probability).toBe(0.5);
    expect(allocate(list, 40, 0.01)).toMatchObject({ isWithin: false, operations: [{ probability: 0.01 }] });
  });

  test('more than the budget allows changes nothing: all is kept', () => {
    const list: OperationTraffic[] = [
      { service: 's', operation: 'a', tracesPerSecond: 1, costPerTrace: 1, alwaysKept: 0 },
    ];
    expect(allocate(list, 2, 0.1).operations[0]!.probability).toBe(1);
    expect(allocate([], 2, 0.1)).toMatchObject({ operations: [], otherwise: 1, isWithin: true, offered: 0 });
  });
});

describe('hysteresis', () => {
  const list: OperationTraffic[] = ['a', 'b'].map((operation) => ({
    ...{ service: 's', operation, tracesPerSecond: 10, costPerTrace: 10, alwaysKept: 0 },
  }));
  const rates = (a: number, b: number): SamplingRates => ({
    operations: [
      { service: 's', operation: 'a', probability: a },
      { service: 's', operation: 'b', probability: b },
    ],
    otherwise: 1,
  });

  test('a small change is none', () => {
    const current = rates(0.5, 0.1);
    expect(settle(current, rates(0.55, 0.09), list, 1000)).toBe(current);
    expect(settle(current, rates(0.55, 0.2), list, 1000)).toEqual(rates(0.5, 0.2));
  });

  test('a small change is made when the budget breaks without it', () => {
    expect(settle(rates(0.5, 0.5), rates(0.45, 0.45), list, 90)).toEqual(rates(0.45, 0.45));
    const current = rates(0.5, 0.5);
    expect(settle(current, rates(0.45, 0.45), list, 100)).toBe(current);
  });

  test('whatever the rates were, what comes out keeps a budget that the new ones keep', () => {
    const probability = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(probability, probability, fc.double({ min: 3, max: 200, noNaN: true }), (a, b, budget) => {
        const next = allocate(list, budget, 0.01);
        expect(costOfRates(list, settle(rates(a, b), next, list, budget))).toBeLessThanOrEqual(budget * (1 + 1e-9));
      }),
      { numRuns: 300 },
    );
  });
});
