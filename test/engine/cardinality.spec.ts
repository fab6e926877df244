import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Budget, budgetOf } from '../../src/engine/cardinality/budget.js';
import { growthOf } from '../../src/engine/cardinality/growth.js';
import { type JudgedAttribute, judgeCardinality } from '../../src/engine/cardinality/rules.js';
import { type SuggestedAttribute, suggestForAttribute } from '../../src/engine/cardinality/suggestions.js';
import { MAX_SHAPE_BYTES, writeShape } from '../../src/engine/cardinality/value-shape.js';
import type { GrowthClass, GrowthPoint } from '../../src/engine/model/growth.js';

const point = (observations: number, distinct: number, standardError = 0): GrowthPoint => ({
  observations,
  distinct,
  standardError,
});

describe('growth class', () => {
  test.each<[string, GrowthClass, [number, number][]]>([
    ['nothing', 'insufficient_evidence', []],
    [
      '999 observations, whatever they are',
      'insufficient_evidence',
      [
        [500, 1],
        [999, 1],
      ],
    ],
    ['one value', 'constant', [[1_000, 1]]],
    [
      'five values that were all there at once',
      'enum',
      [
        [2_000, 5],
        [10_000, 5],
      ],
    ],
    [
      'a hundred values',
      'enum',
      [
        [5_000, 99],
        [20_000, 100],
      ],
    ],
    [
      'many values, none of them new',
      'bounded',
      [
        [5_000, 4_000],
        [50_000, 4_100],
      ],
    ],
    [
      'few values, but new ones keep coming',
      'growing',
      [
        [1_000, 10],
        [10_000, 60],
      ],
    ],
    [
      'values that are each used often, and grow with the traffic',
      'growing',
      [
        [20_000, 1_000],
        [40_000, 2_000],
      ],
    ],
    [
      'new values all the time, but few so far',
      'growing',
      [
        [500, 400],
        [1_100, 900],
      ],
    ],
    [
      'nearly every value new',
      'unbounded',
      [
        [5_000, 4_900],
        [50_000, 48_000],
      ],
    ],
    ['nearly every value new, all in one hour', 'unbounded', [[50_000, 49_000]]],
    ['five values in one hour, so nobody knows', 'insufficient_evidence', [[50_000, 5]]],
    [
      'a second hour of a few spans says nothing',
      'insufficient_evidence',
      [
        [50_000, 700],
        [51_000, 703],
      ],
    ],
  ])('%s: %s', (_, expected, points) => {
    expect(growthOf(points.map(([n, d]) => point(n, d))).class).toBe(expected);
  });

  test('the interval of the rate holds the error of the sketches, and where that is too wide nothing is said', () => {
    const { rate } = growthOf([point(10_000, 5_000, 0.006), point(20_000, 7_071, 0.006)]);
    expect(rate!.value).toBeCloseTo(0.5, 2);
    expect(rate!.high - rate!.value).toBeCloseTo((1.96 * Math.hypot(0.006, 0.006)) / Math.LN2, 3);
    expect(growthOf([point(10_000, 5_000, 0.1), point(13_000, 5_500, 0.1)]).class).toBe('insufficient_evidence');
  });

  test('values drawn from a fixed set are never unbounded; ever new ones are never safe', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 900 }),
        fc.array(fc.integer({ min: 500, max: 20_000 }), { minLength: 2, maxLength: 24 }),
        (size, hours) => {
          let n = 0;
          const drawn = hours.map((more) => {
            n += more;
            return point(n, Math.max(1, Math.round(size * (1 - Math.exp(-n / size)))));
          });
          expect(growthOf(drawn).class).not.toBe('unbounded');
          n = 0;
          const fresh = hours.map((more) => {
            n += more;
            return point(n, n);
          });
          expect(growthOf(fresh).class).toBe(n < 1_000 ? 'insufficient_evidence' : 'unbounded');
        },
      ),
    );
  });
});

describe('budgets', () => {
  const at = { team: 'payments', service: 'web', key: 'user.id', class: 'unbounded' as const };
  const budget = (over: Partial<Budget>): Budget => ({ team: null, service: null, key: null, maxDistinct: 1, ...over });

  test('the one that names most counts: the key before the service, that before the team', () => {
    const all = [
      budget({ team: 'payments', maxDistinct: 2 }),
      budget({ service: 'web', maxDistinct: 3 }),
      budget({ team: 'payments', service: 'web', maxDistinct: 4 }),
      budget({ key: 'user.id', maxDistinct: 5 }),
      budget({ key: 'user.id', service: 'web', maxDistinct: 6 }),
      budget({ key: 'other', service: 'web', team: 'payments', maxDistinct: 7 }),
    ];
    for (let n = all.length - 1; n > 0; n--) {
      expect(budgetOf(at, all.slice(0, n))).toEqual({ maxDistinct: Math.min(n + 1, 6), source: 'set' });
    }
  });

  test('else the default of the convention or of the class; of what is not known nothing is expected', () => {
    expect(budgetOf(at, [])).toEqual({ maxDistinct: 10_000, source: 'class' });
    expect(budgetOf({ ...at, key: 'http.route' }, [])).toEqual({ maxDistinct: 1_000, source: 'convention' });
    expect(budgetOf({ ...at, class: 'insufficient_evidence' }, [])).toBeNull();
  });
});

describe('what is wrong with the number of values', () => {
  const attribute = (over: Partial<JudgedAttribute>): JudgedAttribute => ({
    ...{ key: 'cart.id', location: 'span', distinct: 5_000, standardError: 0.006, budget: null },
    ...{ growth: { class: 'unbounded', rate: null, reason: '' }, shareOfBytes: 0.001, isSensitive: false },
    ...over,
  });
  const growing = { class: 'growing' as const, rate: null, reason: '' };

  test('many values are a note only, unless they cost much, are sensitive or are span names', () => {
    const severity = (over: Partial<JudgedAttribute>) => judgeCardinality(attribute(over))[0]!.severity;
    expect(severity({})).toBe('info');
    expect(severity({ shareOfBytes: 0.06 })).toBe('low');
    expect(severity({ isSensitive: true })).toBe('low');
    expect(severity({ location: 'span_name' })).toBe('low');
    expect(severity({ shareOfBytes: 0.06, isSensitive: true })).toBe('medium');
  });

  test('keys that the conventions say to have few values must not grow', () => {
    expect(judgeCardinality(attribute({ key: 'http.route', growth: growing }))).toEqual([
      { rule: 'low_cardinality_violated', severity: 'medium' },
    ]);
    expect(judgeCardinality(attribute({ growth: growing }))).toEqual([]);
  });

  test('a budget is crossed when the number is above it by more than its error', () => {
    const at = (distinct: number) =>
      judgeCardinality(attribute({ growth: growing, distinct, budget: { maxDistinct: 5_000, source: 'set' } }));
    expect(at(5_050)).toEqual([]);
    expect(at(5_100)).toEqual([{ rule: 'budget_exceeded', severity: 'medium' }]);
  });
});

describe('suggestions', () => {
  const attribute = (over: Partial<SuggestedAttribute>): SuggestedAttribute => ({
    ...{ key: 'cart.id', location: 'span', class: 'unbounded', observations: 10_000, distinct: 9_900, bytes: 500_000 },
    ...{ spans: 10_000, shareOfBytes: 0.02, shapes: ['uuid'], isText: true },
    ...{ isSensitive: false, isKnown: false, isInResource: false },
    ...over,
  });
  const actions = (over: Partial<SuggestedAttribute>) =>
    suggestForAttribute(attribute(over)).map(({ action, savedBytes }) => [action, savedBytes]);
  const constant = { class: 'constant', distinct: 1 } as const;

  test('without evidence there are none', () => {
    expect(actions({ class: 'insufficient_evidence' })).toEqual([]);
    expect(actions({ class: 'enum', distinct: 5 })).toEqual([]);
  });

  test('an unbounded attribute that costs and that no convention knows is dropped', () => {
    expect(actions({})).toEqual([['drop', 500_000]]);
    expect(actions({ isKnown: true })).toEqual([]);
    expect(actions({ shareOfBytes: 0.001 })).toEqual([]);
    expect(actions({ location: 'resource' })).toEqual([]);
  });

  test('sensitive ones are hashed, long ones cut, paths get a template', () => {
    expect(actions({ isSensitive: true, isKnown: true })).toEqual([['hash', 0]]);
    expect(actions({ isKnown: true, bytes: 10_000 * (7 + 8 + 500) })).toEqual([['truncate', 10_000 * (500 - 128)]]);
    expect(actions({ isKnown: true, shapes: ['/a{5}/9{4}'] })).toEqual([['template', 0]]);
  });

  test('what never changes belongs to the resource, and where that says it already it goes', () => {
    expect(actions(constant)).toEqual([['move_to_resource', 500_000]]);
    expect(actions({ ...constant, isInResource: true })).toEqual([['drop', 500_000]]);
    expect(actions({ ...constant, observations: 5_000 })).toEqual([]);
  });
});

describe('form of a value', () => {
  const shapeOf = (text: string): string => {
    const bytes = new TextEncoder().encode(text);
    const out = new Uint8Array(MAX_SHAPE_BYTES);
    return new TextDecoder().decode(out.subarray(0, writeShape(bytes, 0, bytes.length, out)));
  };

  test.each([
    ['', ''],
    ['2024-ab', '9{4}-a{2}'],
    ['GET', 'A{3}'],
    ['Berlin', 'Aa{6}'],
    ['7', '9'],
    ['550e8400-e29b-41d4-a716-446655440000', 'uuid'],
    ['order/550E8400-E29B-41D4-A716-446655440000', 'a{5}/uuid'],
    ['550e8400-e29b-41d4-a716-4466554400001', 'h{8}-x{4}-x{4}-x{4}-9{13}'],
    ['deadbeef01', 'h{10}'],
    ['b2b', 'x{3}'],
    ['/users/42?x=y', '/a{5}/9{2}?a=a'],
    ['größe', 'a{5}'],
    ['a'.repeat(64), 'a{64}'],
    ['a'.repeat(65), 'a{64+}'],
    ['one two three four five six seven', 'a{3} a{3} a{5} a{4} a{4} a{3}…'],
    ['{"k":1}', '**a*:9*'],
  ])('%j is %j', (text, shape) => {
    expect(shapeOf(text)).toBe(shape);
  });

  test('has no letter or digit of the value, and fits', () => {
    const CLASSES = /(?:uuid|Aa|[9aAhx])(?:\{\d+\+?\})?/g;
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const shape = shapeOf(text);
        expect(shape.replace(CLASSES, '')).toMatch(/^[@.\-_:/+()=&?,; *\u2026]*$/);
        expect(new TextEncoder().encode(shape).length).toBeLessThanOrEqual(MAX_SHAPE_BYTES);
      }),
      { numRuns: 1000 },
    );
  });

  test('of values that differ in letters and digits only is the same', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{4}-[g-z]{3}$/), fc.stringMatching(/^[0-9]{4}-[g-z]{3}$/), (a, b) => {
        expect(shapeOf(a)).toBe(shapeOf(b));
      }),
    );
  });
});
