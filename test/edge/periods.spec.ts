import { expect, test } from '@jest/globals';
import { lastPeriod, timesOf } from '../../src/edge/jobs/periods.js';

test.each([
  ['in the middle of a week', '2026-11-18T12:00:00Z', 'UTC', '2026-11-09T00:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ['at its first moment', '2026-11-16T00:00:00Z', 'UTC', '2026-11-09T00:00:00.000Z', '2026-11-16T00:00:00.000Z'],
  ['at its last', '2026-11-15T23:59:59Z', 'UTC', '2026-11-02T00:00:00.000Z', '2026-11-09T00:00:00.000Z'],
  [
    'where it is Monday already',
    '2026-11-15T23:30:00Z',
    'Europe/Berlin',
    '2026-11-08T23:00:00.000Z',
    '2026-11-15T23:00:00.000Z',
  ],
  [
    'as clocks went back',
    '2026-10-27T12:00:00Z',
    'Europe/Berlin',
    '2026-10-18T22:00:00.000Z',
    '2026-10-25T23:00:00.000Z',
  ],
])('the last week %s', (_, at, timeZone, from, to) => {
  const week = lastPeriod('weekly', new Date(at), timeZone);
  expect([week.from.toISOString(), week.to.toISOString()]).toEqual([from, to]);
});

test('a month and a quarter, and the ones before them, by the calendar of a time zone', () => {
  const at = new Date('2026-04-01T12:00:00Z');
  const month = timesOf('monthly', lastPeriod('monthly', at, 'Europe/Berlin'), 'Europe/Berlin');
  expect(month.window.from.toISOString()).toBe('2026-02-28T23:00:00.000Z');
  expect(month.window.to.toISOString()).toBe('2026-03-31T22:00:00.000Z');
  expect(month.before.from.toISOString()).toBe('2026-01-31T23:00:00.000Z');
  expect(month.parts).toHaveLength(31);
  const quarter = timesOf('quarterly', lastPeriod('quarterly', at, 'UTC'), 'UTC');
  expect(quarter.days).toEqual({ first: '2026-01-01', last: '2026-03-31' });
  expect(quarter.before.from.toISOString()).toBe('2025-10-01T00:00:00.000Z');
  expect(quarter.parts).toHaveLength(13);
});

test('any other window is compared with as long a one before it', () => {
  const window = { from: new Date('2026-04-01T12:00:00Z'), to: new Date('2026-04-03T12:00:00Z') };
  const times = timesOf('weekly', window, 'UTC');
  expect(times.before.from.toISOString()).toBe('2026-03-30T12:00:00.000Z');
  expect(times.parts.map(({ day }) => day)).toEqual(['2026-04-01', '2026-04-02', '2026-04-03']);
});
