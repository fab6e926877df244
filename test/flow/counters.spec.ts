import { expect, test } from '@jest/globals';
import { fewerPeriods } from '../../src/flow/counters.js';
import type { Counter } from '../../src/flow/estimated-costs.js';

const HOUR = 3_600_000;
const hour = (n: number, service = '', spans: number | null = 1, bytes: number | null = null): Counter => ({
  ...{ service, spans, bytes },
  window: { from: new Date(n * HOUR), to: new Date((n + 1) * HOUR) },
});
const periods = (list: readonly Counter[]): number =>
  new Set(list.map(({ window }) => `${window.from} ${window.to}`)).size;

test('few periods stay as they are, many are put together, and their sums stay', () => {
  const few = [hour(0), hour(1), hour(5)];
  expect(fewerPeriods(few, 3)).toEqual(few);
  const many = Array.from({ length: 720 }, (_, i) => hour(i, '', i));
  const fewer = fewerPeriods(many, 32);
  expect(periods(fewer)).toBeLessThanOrEqual(32);
  expect(fewer.reduce((sum, { spans }) => sum + spans!, 0)).toBe(many.reduce((sum, { spans }) => sum + spans!, 0));
  expect([fewer[0]!.window.from, fewer.at(-1)!.window.to]).toEqual([new Date(0), new Date(720 * HOUR)]);
  for (let i = 1; i < fewer.length; i++) expect(fewer[i]!.window.from).toEqual(fewer[i - 1]!.window.to);
});

test('services, gaps and what counts something else are not mixed', () => {
  const list = [hour(0, 'a'), hour(0, 'b'), hour(1, 'a'), hour(1, 'b'), hour(3, 'a'), hour(2, 'b', null, 7)];
  const fewer = fewerPeriods(list, 1);
  const shown = fewer.map(({ service, spans, bytes, window }) => [
    service,
    spans,
    bytes,
    +window.from / HOUR,
    +window.to / HOUR,
  ]);
  expect(shown.sort()).toEqual([
    ['a', 1, null, 3, 4],
    ['a', 2, null, 0, 2],
    ['b', null, 7, 2, 3],
    ['b', 2, null, 0, 2],
  ]);
});
