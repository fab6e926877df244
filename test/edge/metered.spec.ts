import { describe, expect, test } from '@jest/globals';
import { patternCompiler } from '../../src/edge/regex/index.js';
import { PatternMeter, WINDOW_MS } from '../../src/edge/regex/metered.js';
import { re2js } from '../../src/edge/regex/re2js.js';
import type { Pattern, PatternCompiler } from '../../src/engine/rules/pattern.js';
import { SLOW_PATTERN, slowValue } from '../support/slow-pattern.js';

const VALUE = new TextEncoder().encode('a value with acme in it');

/** A meter whose clock moves by what the calls are said to take. */
function meter(durations: number[]) {
  const off: string[][] = [];
  let now = 0;
  let calls = 0;
  const slow: PatternCompiler = {
    ...re2js(),
    compile: (source) => {
      const pattern = re2js().compile(source) as Pattern;
      const matches: Pattern['matches'] = (bytes, limit) => {
        calls++;
        now += durations.shift() ?? 0;
        return pattern.matches(bytes, limit);
      };
      return { matchesEmpty: false, matches };
    },
  };
  const made = new PatternMeter(
    slow,
    (...args) => off.push(args),
    () => now,
  );
  const pattern = made.compilerFor('x-acme').compile('acme') as Pattern;
  return { made, off, run: () => pattern.matches(VALUE, 10).length, calls: () => calls };
}

describe('the meter', () => {
  test('lets through what is quick', () => {
    const { run, off } = meter([1, 50]);
    expect([run(), run(), run()]).toEqual([1, 1, 1]);
    expect(off).toEqual([]);
  });

  test('switches off what is slow for one value, twice in a row, and says so once', () => {
    const { run, off, calls } = meter([51, 51]);
    expect([run(), run(), run()]).toEqual([1, 0, 0]);
    expect(off).toEqual([['x-acme', 'took more than 50 ms for one value']]);
    expect(calls()).toBe(2);
  });

  test('a stall of the machine is no slowness of the pattern', () => {
    const { run, off } = meter([400, 1]);
    expect([run(), run()]).toEqual([1, 1]);
    expect(off).toEqual([]);
  });

  test('switches off what takes more than its share of a whole window, and nothing before one is over', () => {
    const { made, run, off } = meter(Array.from({ length: 40 }, () => 30));
    for (let i = 0; i < 10; i++) run();
    made.analysed(WINDOW_MS - 1);
    expect(off).toEqual([]);
    made.analysed(1);
    expect(off).toEqual([]);
    for (let i = 0; i < 20; i++) run();
    made.analysed(WINDOW_MS);
    expect(off).toEqual([['x-acme', 'took more than 10 % of the time of analysis']]);
    expect(run()).toBe(0);
  });

  test('a pattern that is slow on the regular-expression library itself is switched off', () => {
    const off: string[] = [];
    const made = new PatternMeter(patternCompiler().compiler, (detector) => off.push(detector));
    const pattern = made.compilerFor('x-slow').compile(SLOW_PATTERN) as Pattern;
    const value = new TextEncoder().encode(slowValue(20_000));
    pattern.matches(value, 10);
    expect(off).toEqual(['x-slow']);
    expect(pattern.matches(value, 10)).toEqual([]);
  });
});
