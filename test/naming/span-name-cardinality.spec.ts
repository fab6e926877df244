import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KeyedHash } from '../../src/engine/cardinality/keyed-hash.js';
import { Sketch } from '../../src/engine/model/sketch.js';
import { growthOf } from '../../src/engine/naming/growth.js';
import { spanNameTemplate } from '../../src/engine/naming/span-name.js';
import { type CardinalityRow, spanNameCardinality } from '../../src/engine/naming/span-name-cardinality.js';
import { type CountedTemplate, spanNameVerdict } from '../../src/engine/naming/span-name-verdict.js';

const TO = 500_000;
const hash = new KeyedHash(new Uint8Array(16));

/** Rows as the analysis leaves them behind: one for each hour, kind and template. */
function rowsOf(spans: readonly (readonly [name: string, hour: number])[]): CardinalityRow[] {
  const rows = new Map<string, CardinalityRow>();
  for (const [name, hour] of spans) {
    const template = spanNameTemplate(name);
    const key = `${hour} ${template}`;
    const row = rows.get(key) ?? { template, spanKind: 2, hour, spans: 0, names: new Sketch() };
    row.spans++;
    const bytes = Buffer.from(name);
    row.names.add(hash.hash(bytes, 0, bytes.length, 1));
    rows.set(key, row);
  }
  return [...rows.values()];
}

const spread = (n: number, name: (i: number) => string, hours = 24): (readonly [string, number])[] =>
  Array.from({ length: n }, (_, i) => [name(i), TO - hours + Math.floor((i * hours) / n)]);

describe('SPA-003', () => {
  test('fails where names are more than ten for a template', () => {
    const result = spanNameCardinality(rowsOf(spread(2000, (i) => `GET /users/${i}`)), TO);
    expect(result).toMatchObject({ verdict: 'fail', spans: 2000, templates: 1 });
    expect(result.names.estimate / 2000).toBeCloseTo(1, 1);
    expect(result.reason).toContain('more than 10 names for a template');
  });

  test('passes where names are few, and where a route is the name', () => {
    const routes = ['GET /users/{id}', 'GET /data', 'GET /settings'];
    expect(spanNameCardinality(rowsOf(spread(3000, (i) => routes[i % 3]!)), TO)).toMatchObject({
      verdict: 'pass',
      names: { estimate: 3, standardError: 0 },
      templates: 3,
      growth: { beta: 0 },
    });
  });

  test('fails where more than 500 names grow although each is its own template, and only then', () => {
    const word = (i: number): string =>
      `op ${'abcdefghij'[i % 10]}${'klmnop'[Math.floor(i / 10) % 6]} ${'qrstuvwxyz'[Math.floor(i / 60) % 10]}`;
    const growing = spanNameCardinality(rowsOf(spread(1200, (i) => word(Math.floor(i / 2)))), TO);
    expect(growing).toMatchObject({ verdict: 'fail', names: { estimate: expect.any(Number) } });
    expect(growing.growth!.beta).toBeGreaterThan(0.9);
    // The same names in each hour are many, and no more than that.
    const stable = spanNameCardinality(rowsOf(spread(14_400, (i) => word(i % 600))), TO);
    expect(stable.growth!.beta).toBeLessThan(0.1);
    expect(stable.verdict).toBe('pass');
  });

  test('does not know below 1,000 spans, without hours to compare, or at a limit', () => {
    const few = spanNameCardinality(rowsOf(spread(999, (i) => `GET /users/${i}`)), TO);
    expect(few).toMatchObject({ verdict: 'insufficient evidence', reason: '999 spans of 1000' });
    const word = (i: number): string =>
      `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}${'uvwxyz'[Math.floor(i / 100)]}`;
    const oneHour = spanNameCardinality(rowsOf(spread(1200, (i) => word(i % 600), 1)), TO);
    expect(oneHour).toMatchObject({ growth: null, verdict: 'insufficient evidence' });
    const atLimit = spanNameCardinality(
      rowsOf(spread(13_000, (i) => `t${word(i % 200)} ${Math.floor(i / 200) % 10}`)),
      TO,
    );
    expect(atLimit.templates).toBe(200);
    expect(Math.abs(atLimit.names.estimate / 2000 - 1)).toBeLessThan(4 * atLimit.names.standardError);
    expect(atLimit.verdict).toBe('insufficient evidence');
  });

  test('counts 24 hours and no others', () => {
    const old = spread(2000, (i) => `GET /users/${i}`).map(([name, hour]) => [name, hour - 24] as const);
    expect(spanNameCardinality(rowsOf(old), TO)).toMatchObject({ spans: 0, verdict: 'insufficient evidence' });
    expect(spanNameCardinality([], TO)).toMatchObject({ templates: 0, growth: null });
  });

  test('does not depend on the order of rows, or on how they were split', () => {
    const spans = spread(1500, (i) => (i % 3 === 0 ? `GET /users/${i}` : `load ${'abcde'[i % 5]}`));
    const expected = spanNameCardinality(rowsOf(spans), TO);
    fc.assert(
      fc.property(fc.shuffledSubarray(spans, { minLength: spans.length }), fc.nat(spans.length), (shuffled, at) => {
        const rows = [...rowsOf(shuffled.slice(at)), ...rowsOf(shuffled.slice(0, at))];
        expect(spanNameCardinality(rows, TO)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe('growth', () => {
  const counted = (spans: number, estimate: number, standardError = 0) => ({
    spans,
    distinct: { estimate, standardError },
  });

  test('is the exponent of Heaps, with the error that estimates leave', () => {
    expect(growthOf(counted(100, 100), counted(200, 200))).toEqual({ beta: 1, standardError: 0 });
    expect(growthOf(counted(100, 10), counted(400, 20))!.beta).toBeCloseTo(0.5);
    expect(growthOf(counted(100, 10, 0.01), counted(271.828, 10, 0.01))!.standardError).toBeCloseTo(Math.SQRT2 / 100);
  });

  test('is not told from nothing, or from hardly more than there was', () => {
    expect(growthOf(counted(0, 0), counted(200, 200))).toBeNull();
    expect(growthOf(counted(100, 100), counted(110, 110))).toBeNull();
  });
});

describe('the verdict on a template', () => {
  const verdict = (over: Partial<CountedTemplate> & { n?: number }) => {
    const { n = 1, ...rest } = over;
    const names = { estimate: n, standardError: 0 };
    return spanNameVerdict({
      spans: 5000,
      names,
      growth: { beta: 0, standardError: 0 },
      isMined: true,
      isViolation: false,
      ...rest,
    });
  };

  test.each([
    ['a name without ids', { isMined: false }, 'pass'],
    ['a statement as a name, however few', { isMined: false, isViolation: true, spans: 1 }, 'fail'],
    ['ever new names', { n: 4000, growth: { beta: 1, standardError: 0 } }, 'fail'],
    ['a number that never changes', { n: 1 }, 'pass'],
    ['one of three that grow no more', { n: 3 }, 'pass'],
    ['a few that grow', { n: 7, growth: { beta: 0.8, standardError: 0 } }, 'fail'],
    ['a few of one hour', { n: 7, growth: null }, 'insufficient evidence'],
    ['dozens of one hour', { n: 60, growth: null }, 'fail'],
    ['many that grow no more', { n: 300 }, 'fail'],
    ['few spans, and as many names', { n: 20, spans: 30 }, 'fail'],
    ['few spans with the same name', { n: 1, spans: 30 }, 'insufficient evidence'],
    ['few spans for each name', { n: 20, spans: 900 }, 'insufficient evidence'],
  ] as const)('%s: %j is %s', (_, given, expected) => {
    expect(verdict(given)).toBe(expected);
  });
});
