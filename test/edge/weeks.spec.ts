import { expect, test } from '@jest/globals';
import { lastWeek } from '../../src/edge/jobs/weeks.js';

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
  const week = lastWeek(new Date(at), timeZone);
  expect([week.from.toISOString(), week.to.toISOString()]).toEqual([from, to]);
});
