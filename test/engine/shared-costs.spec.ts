import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { allocate } from '../../src/engine/cost/allocate.js';
import { exactly } from '../../src/engine/cost/estimate.js';
import { SPLIT_MODES, type Split, shareOut, splitAt, type TeamUsage } from '../../src/engine/cost/shared.js';
import type { PriceModel } from '../../src/engine/model/price-model.js';

const METER = { marginalPricePerUnit: 0.5, share: 1, included: 0, days: 30, baseDays: 0, compression: 1, replicas: 1 };
const MODEL: PriceModel = {
  ...{ id: 'a', name: 'A', vendor: 'A', currency: 'USD', source: '', notes: '', asOf: '2026-01-01', confirmed: false },
  meters: [
    { ...METER, id: 'bytes', measures: 'ingested_bytes', unit: 'GB', pricePerUnit: 0.5, count: 1 },
    { ...METER, id: 'plan', measures: 'flat', unit: 'month', pricePerUnit: 20, count: 1 },
  ],
  examples: [],
};
const MODELS = [MODEL];

const row = (group: string, bytes: number, split: Split | null = null): TeamUsage => {
  const [spans, sum] = [exactly(bytes / 100), exactly(bytes)];
  return { usage: { group, receivedSpans: bytes / 100, receivedBytes: bytes, spans, bytes: sum }, split };
};
const bytesOf = (rows: readonly TeamUsage[]): Record<string, number> => {
  const sums: Record<string, number> = {};
  for (const { group, bytes } of shareOut(rows)) sums[group] = (sums[group] ?? 0) + bytes.value;
  return sums;
};
const teams = [
  { team: 'a', weight: 3 },
  { team: 'c', weight: 1 },
];

test.each([
  ['not at all', { mode: 'none', teams: [] }, { a: 300, b: 100, unowned: 50, unallocated: 80 }],
  ['evenly among all', { mode: 'even', teams: [] }, { a: 340, b: 140, unowned: 50 }],
  ['by usage among all', { mode: 'weighted', teams: [] }, { a: 360, b: 120, unowned: 50 }],
  ['evenly among some', { mode: 'even', teams }, { a: 340, b: 100, c: 40, unowned: 50 }],
  ['by weight', { mode: 'weighted', teams }, { a: 360, b: 100, c: 20, unowned: 50 }],
] as const)('a platform service is split %s', (_, split, expected) => {
  expect(bytesOf([row('a', 300), row('b', 100), row('unowned', 50), row('platform', 80, split)])).toEqual(expected);
});

test('what nobody is there to share is unallocated', () => {
  expect(bytesOf([row('unowned', 50), row('platform', 80, { mode: 'even', teams: [] })])).toEqual({
    unowned: 50,
    unallocated: 80,
  });
});

test('a split holds from its time until the next one', () => {
  const [first, second] = [new Date('2026-01-01T00:00:00Z'), new Date('2026-02-01T00:00:00Z')];
  const split: Split = { mode: 'even', teams: [] };
  const splits = [
    { service: 'p', validFrom: second, split: null },
    { service: 'p', validFrom: first, split },
  ];
  const at = (time: string) => splitAt(splits, 'p', new Date(time));
  expect([at('2025-12-31T00:00:00Z'), at('2026-01-01T00:00:00Z'), at('2026-02-01T00:00:00Z')]).toEqual([
    null,
    split,
    null,
  ]);
});

test('rows sum to the bill, however it is split', () => {
  const team = fc.constantFrom('a', 'b', 'c', 'unowned');
  const split = fc.option(
    fc.record({
      mode: fc.constantFrom(...SPLIT_MODES),
      teams: fc.uniqueArray(fc.record({ team, weight: fc.double({ min: 0.001, max: 1e9, noNaN: true }) }), {
        selector: (one) => one.team,
        maxLength: 4,
      }),
    }),
  );
  const usage = fc.array(fc.tuple(team, fc.integer({ min: 0, max: 1e12 }), split), { maxLength: 30 });
  fc.assert(
    fc.property(usage, (rows) => {
      const before = rows.map(([group, bytes, how]) => row(group, bytes, how));
      const bill = allocate(
        before.map((one) => one.usage),
        30,
        MODELS,
      ).total;
      const { rows: after, total } = allocate(shareOut(before), 30, MODELS);
      const sum = (of: (one: (typeof after)[number]) => number): number => after.reduce((all, one) => all + of(one), 0);
      const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
      expect(near(total.cost, bill.cost)).toBe(true);
      expect(
        near(
          sum((one) => one.cost),
          bill.cost,
        ),
      ).toBe(true);
      expect(
        near(
          sum((one) => one.bytes),
          bill.bytes,
        ),
      ).toBe(true);
      expect(
        near(
          sum((one) => one.receivedBytes),
          bill.receivedBytes,
        ),
      ).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});
