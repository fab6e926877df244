import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { loadRules, RULES_DIR } from '../../src/edge/files/rule-files.js';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { allocate, type EstimatedRow, FIXED_CHARGES } from '../../src/engine/cost/allocate.js';
import { UNOWNED } from '../../src/engine/cost/ownership.js';
import { mostBytes, usageByPart } from '../../src/engine/cost/parts.js';
import { costOfUsage, metersToFill } from '../../src/engine/cost/price.js';
import { estimateUsage, type SampledUsage } from '../../src/engine/cost/usage-estimate.js';
import { BUCKETS } from '../../src/engine/model/trace-sums.js';

const { prices } = loadRules(RULES_DIR, patternCompiler().compiler).rules;
const dollars = [...prices.values()].filter((model) => model.currency === 'USD' && metersToFill(model).length === 0);
const REST = '(rest)';
const FIELDS = ['spans', 'bytes', 'cost', 'share', 'saving', 'receivedSpans', 'receivedBytes'] as const;

const sums = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2 * BUCKETS, maxLength: 2 * BUCKETS });
const part = fc.record({
  group: fc.constantFrom('http.url', 'user.id', 'note', 'mode'),
  observations: fc.nat(10_000),
  bytes: fc.nat(1e9),
});
const sent = fc
  .record({
    service: fc.constantFrom('web', 'jobs', 'search', 'pay'),
    environment: fc.constantFrom('prod', 'test'),
    spans: fc.nat(1e7),
    size: fc.integer({ min: 1, max: 5000 }),
    weighed: fc.double({ min: 0, max: 1, noNaN: true }),
    weight: fc.integer({ min: 1, max: 1000 }),
    known: sums,
    unknown: sums,
    probability: fc.option(fc.double({ min: 0.001, max: 1, noNaN: true })),
    owner: fc.option(fc.constantFrom('front', 'back')),
    parts: fc.array(part, { maxLength: 5 }),
  })
  .map(({ spans, size, weighed, weight, known, unknown, parts, probability, owner, ...place }) => {
    const weighedSpans = Math.floor(spans * weighed);
    const row: SampledUsage = {
      ...place,
      ...{ spans, bytes: spans * size, weighedSpans, weighedBytes: weighedSpans * size },
      ...{ estimatedSpans: weighedSpans * weight, estimatedBytes: weighedSpans * size * weight },
      ...{ knownSums: known, unknownSums: unknown },
    };
    return { usage: estimateUsage(row, probability), parts, team: owner ?? UNOWNED };
  });
type Sent = typeof sent extends fc.Arbitrary<infer T> ? T : never;

const GROUPS = {
  team: (rows: Sent[]) => rows.map(({ usage, team }) => ({ ...usage, group: team })),
  service: (rows: Sent[]) => rows.map(({ usage }) => ({ ...usage, group: usage.service })),
  environment: (rows: Sent[]) => rows.map(({ usage }) => ({ ...usage, group: usage.environment })),
  attribute: (rows: Sent[]) => usageByPart(rows, REST, false),
  span_name: (rows: Sent[]) => usageByPart(rows, REST, true),
};

test('rows add up to the total and the total is the bill, whatever was sent, however it is grouped and priced', () => {
  const question = fc.record({
    rows: fc.array(sent, { maxLength: 8 }),
    by: fc.constantFrom(...(Object.keys(GROUPS) as (keyof typeof GROUPS)[])),
    models: fc.subarray(dollars, { minLength: 1 }),
    days: fc.integer({ min: 1, max: 400 }),
    limit: fc.integer({ min: 1, max: 6 }),
  });
  fc.assert(
    fc.property(question, ({ rows, by, models, days, limit }) => {
      const all = GROUPS[by](rows);
      const usage = mostBytes(all, limit, '(others)');
      const { total, rows: priced, models: bills } = allocate(usage, days, models);
      for (const field of FIELDS) expectSum(field, priced, total);
      const spans = rows.reduce((sum, row) => sum + row.usage.spans.value, 0);
      const bytes = rows.reduce((sum, row) => sum + row.usage.bytes.value, 0);
      const bill = models.reduce((sum, model) => sum + costOfUsage({ spans, bytes, days }, model), 0);
      expectClose(total.cost, bill, bill);
      const each = bills.reduce((sum, { cost }) => sum + cost, 0);
      expectClose(each, bill, bill);
      expect(total.receivedSpans).toBe(rows.reduce((sum, row) => sum + row.usage.receivedSpans, 0));
      // What nobody owns, what is no part and what follows no span is not hidden.
      const names = new Set(priced.map(({ group }) => group));
      const wanted = new Set(all.map(({ group }) => group));
      if (wanted.size <= limit) for (const group of wanted) expect(names).toContain(group);
      else expect(names).toContain('(others)');
      if (by === 'attribute' || by === 'span_name') expect(wanted).toContain(REST);
      if (by === 'team') expect(wanted.has(UNOWNED)).toBe(rows.some(({ team }) => team === UNOWNED));
      const fixed = models.some(({ meters }) =>
        meters.some(({ measures, count, pricePerUnit }) => {
          return (measures === 'hosts' || measures === 'flat') && count * (pricePerUnit ?? 0) > 0;
        }),
      );
      expect(names.has(FIXED_CHARGES)).toBe(fixed);
      expect(priced.length).toBeLessThanOrEqual(limit + 1);
    }),
    { numRuns: 500 },
  );
});

test('the parts of a service and what is left have its estimate', () => {
  fc.assert(
    fc.property(fc.array(sent, { minLength: 1, maxLength: 6 }), (rows) => {
      const groups = usageByPart(rows, REST, false);
      const all = rows.map(({ usage }) => usage);
      for (let i = 0; i < BUCKETS; i++) {
        const unknown = all.some(({ bytes }) => bytes.sums === null);
        if (unknown) continue;
        const sum = groups.reduce((added, { bytes }) => added + bytes.sums![i]!, 0);
        const size = groups.reduce((added, { bytes }) => added + Math.abs(bytes.sums![i]!), 0);
        expectClose(
          sum,
          all.reduce((added, { bytes }) => added + bytes.sums![i]!, 0),
          size,
        );
      }
    }),
  );
});

function expectSum(field: (typeof FIELDS)[number], rows: readonly EstimatedRow[], total: EstimatedRow): void {
  const wanted = field === 'share' && total.cost === 0 ? 0 : total[field];
  const size = rows.reduce((sum, row) => sum + Math.abs(row[field]), 0);
  const sum = rows.reduce((added, row) => added + row[field], 0);
  expectClose(sum, wanted, size);
}

/** Equal but for the rounding of figures of a size. */
function expectClose(a: number, b: number, size: number): void {
  expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(size)));
}
