import { describe, expect, test } from '@jest/globals';
import { type Budget, type BudgetAlert, FORECAST_HOLD_MS, nextAlerts, reached } from '../../src/engine/cost/budget.js';
import { exactly } from '../../src/engine/cost/estimate.js';
import { forecastMonth } from '../../src/engine/cost/forecast.js';

const NOW = Date.UTC(2026, 10, 23, 12);
const MINUTE = 60_000;
const budget: Budget = {
  ...{ id: 'b', team: 'front', environment: '', unit: 'bytes', amount: 200, priceModel: '' },
  ...{ actualThresholds: [80, 100], forecastThresholds: [100] },
};

/** Numbers between 0 and 1 that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('forecast', () => {
  test('the rest of the month is like the whole weeks before, with an interval by hand', () => {
    const days = [10, 12, 14, 10, 12, 14, 12];
    // mean 12, variance 16 / 6; t of 6 degrees of freedom; 7 days of 10 are left.
    const half = 2.4469 * Math.sqrt((16 / 6) * (10 + 100 / 7));
    const forecast = forecastMonth(exactly(50), days, 10);
    expect(forecast).toMatchObject({ verdict: 'estimated', value: 170, days: 7 });
    const { interval } = forecast as { interval: { low: number; high: number } };
    expect(interval.low).toBeCloseTo(170 - half, 9);
    expect(interval.high).toBeCloseTo(170 + half, 9);
    // What is older than the whole weeks does not count.
    expect(forecastMonth(exactly(50), [1_000, ...days], 10)).toEqual(forecast);
    expect(forecastMonth(exactly(50), days, 0)).toMatchObject({ value: 50, interval: { low: 50, high: 50 } });
  });

  test('what cannot be said is not guessed', () => {
    const reason = 'only 6 whole days are known, 7 are needed';
    expect(forecastMonth(exactly(1), [1, 1, 1, 1, 1, 1], 3)).toEqual({ verdict: 'insufficient_evidence', reason });
    const unknown = forecastMonth({ value: 7, sums: null }, [1, 1, 1, 1, 1, 1, 1], 3);
    expect(unknown).toEqual({ verdict: 'estimated', value: 10, interval: null, days: 7 });
  });

  test('the interval holds what comes in 93 to 97 % of 2,000 months', () => {
    const next = random(5);
    const day = (): number => 100 + 30 * Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    for (const [known, left] of [
      [7, 20],
      [28, 10],
    ] as const) {
      let held = 0;
      for (let i = 0; i < 2_000; i++) {
        const days = Array.from({ length: known }, day);
        const forecast = forecastMonth(exactly(0), days, left);
        const comes = Array.from({ length: left }, day).reduce((a, b) => a + b, 0);
        const { low, high } = (forecast as { interval: { low: number; high: number } }).interval;
        if (comes >= low && comes <= high) held++;
      }
      expect(held / 2_000).toBeGreaterThan(0.93);
      expect(held / 2_000).toBeLessThan(0.97);
    }
  });
});

describe('alerts', () => {
  const look = (known: readonly BudgetAlert[], spent: number, forecast: number | null, at: number) =>
    nextAlerts(known, budget, spent, forecast, at);

  test('thresholds are reached at their percent', () => {
    expect(reached(160, 200, [80, 100])).toEqual([80]);
    expect(reached(159.9, 200, [80, 100])).toEqual([]);
  });

  test('what is spent is an alert at once, and once', () => {
    const first = look([], 170, null, NOW);
    expect(first).toEqual([{ kind: 'actual', threshold: 80, since: NOW, raisedAt: NOW, value: 170 }]);
    expect(look(first, 100, null, NOW + MINUTE)).toEqual(first);
    const second = look(first, 210, null, NOW + 2 * MINUTE);
    expect(second.map(({ threshold, raisedAt }) => [threshold, raisedAt])).toEqual([
      [80, NOW],
      [100, NOW + 2 * MINUTE],
    ]);
  });

  test('a forecast must hold for an hour; one that goes up and down is none', () => {
    const first = look([], 0, 210, NOW);
    expect(first).toMatchObject([{ kind: 'forecast', threshold: 100, raisedAt: null }]);
    expect(look(first, 0, 210, NOW + FORECAST_HOLD_MS - 1)).toMatchObject([{ raisedAt: null, since: NOW }]);
    const down = look(first, 0, 190, NOW + 10 * MINUTE);
    expect(down).toEqual([]);
    expect(look(first, 0, null, NOW + 10 * MINUTE)).toEqual([]);
    expect(look(down, 0, 210, NOW + FORECAST_HOLD_MS)).toMatchObject([
      { raisedAt: null, since: NOW + FORECAST_HOLD_MS },
    ]);
    const held = look(first, 0, 220, NOW + FORECAST_HOLD_MS);
    expect(held).toMatchObject([{ raisedAt: NOW + FORECAST_HOLD_MS, value: 220 }]);
    expect(look(held, 0, null, NOW + 5 * FORECAST_HOLD_MS)).toEqual(held);
  });
});
