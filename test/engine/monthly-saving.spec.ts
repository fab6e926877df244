import { describe, expect, test } from '@jest/globals';
import { monthlySaving } from '../../src/engine/cost/monthly-saving.js';
import type { UsageEstimate } from '../../src/engine/cost/usage-estimate.js';
import type { PriceModel } from '../../src/engine/model/price-model.js';
import { BUCKETS } from '../../src/engine/model/trace-sums.js';
import { addUnit, newRatio } from '../../src/engine/policy/gather-traces.js';

const PER_GB = { measures: 'ingested_bytes', unit: 'GB', pricePerUnit: 0.5, marginalPricePerUnit: 0.5, included: 0 };
const PRICE = {
  meters: [{ ...PER_GB, share: 1, days: 0, baseDays: 0, compression: 1, replicas: 1, count: 1 }],
} as unknown as PriceModel;

/** Counted exactly; with `error`, as sampled before. */
function usage(service: string, bytes: number, error: number | null = 0): UsageEstimate {
  const sums = error === null ? null : new Float64Array(BUCKETS);
  if (sums !== null) sums[0] = error!;
  const spans = { value: bytes / 500, sums: sums === null ? null : new Float64Array(BUCKETS) };
  return { service, environment: '', receivedSpans: 0, receivedBytes: 0, spans, bytes: { value: bytes, sums } };
}

function ratio(service: string, units: readonly (readonly [x: number, d: number])[]) {
  const row = newRatio(service);
  row.units = units.length;
  for (const [x, d] of units) {
    addUnit(row.bytes, { x, d });
    addUnit(row.spans, { x: x / 500, d: 0 });
  }
  return row;
}

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

describe('what is saved in a month', () => {
  test('is the lost share of the usage, carried over to 30 days, at marginal prices', () => {
    const units = Array.from({ length: 20 }, () => [1_000, 250] as const);
    const saving = monthlySaving([ratio('shop', units)], [usage('shop', 7e9)], 7, PRICE);
    expect(saving.bytes).toBeCloseTo(0.25 * 30e9, 0);
    expect(saving.money).toBeCloseTo(0.25 * 30 * 0.5, 9);
    expect(saving.spans).toBe(0);
    // Every request loses the same share of itself, so nothing is uncertain.
    expect(saving.bytesInterval!.high - saving.bytesInterval!.low).toBeCloseTo(0, 0);
  });

  test('is as uncertain as the sample and the usage together', () => {
    const units = Array.from({ length: 20 }, (_, i) => [1_000, i % 2 === 0 ? 500 : 0] as const);
    const width = (error: number | null) => {
      const { bytesInterval } = monthlySaving([ratio('shop', units)], [usage('shop', 30e9, error)], 30, PRICE);
      return bytesInterval.high - bytesInterval.low;
    };
    // Σ(d − r·x)² = 20 · 250², times 20/19, over (Σx)² = 20,000².
    const own = 2 * 2.1199 * 30e9 * (Math.sqrt((20 / 19) * 20 * 250 ** 2) / 20_000);
    expect(width(0)).toBeCloseTo(own, -1);
    const both = Math.hypot(own, 2 * 2.1199 * 0.25 * 6e9);
    expect(width(6e9)).toBeCloseTo(both, -1);
    expect(width(null)).toBeCloseTo(own, -1);
    expect(monthlySaving([ratio('shop', units)], [usage('shop', 1, null)], 30, PRICE).isUsageKnown).toBe(false);
  });

  test('adds up services by their own shares, and says which have no usage', () => {
    const rows = [ratio('a', [[100, 100]]), ratio('b', [[100, 0]]), ratio('c', [[100, 50]])];
    const saving = monthlySaving(rows, [usage('a', 30), usage('b', 3_000)], 30, null);
    expect(saving).toMatchObject({ bytes: 30, money: null, moneyInterval: null, unknownServices: 1 });
  });

  test('lies in its interval about as often as it says', () => {
    const next = random(7);
    // Requests of very different sizes, of which a third lose a varying part.
    const all = Array.from({ length: 2_000 }, () => {
      const x = 500 + 20_000 * next() ** 3;
      return [x, next() < 1 / 3 ? x * 0.6 * next() : 0] as const;
    });
    const truth = all.reduce((sum, [, d]) => sum + d, 0);
    const total = all.reduce((sum, [x]) => sum + x, 0);
    let hits = 0;
    for (let i = 0; i < 400; i++) {
      const units = Array.from({ length: 200 }, () => all[Math.floor(next() * all.length)]!);
      const { bytesInterval } = monthlySaving([ratio('shop', units)], [usage('shop', total)], 30, null);
      if (bytesInterval.low <= truth && truth <= bytesInterval.high) hits++;
    }
    expect(hits / 400).toBeGreaterThan(0.91);
    expect(hits / 400).toBeLessThan(0.99);
  });
});
