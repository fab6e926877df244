import { DateTime } from 'luxon';
import type { Edition } from '../../engine/model/report.js';
import type { Window } from '../../flow/ports.js';
import type { ReportTimes } from '../../flow/report.js';

/** Units of the editions that come by themselves. */
const UNITS = { weekly: 'week', monthly: 'month', quarterly: 'quarter' } as const;
export type PeriodicEdition = keyof typeof UNITS;

/** A longer window is shown by weeks. */
const MOST_DAYS = 35;

/** The last period of an edition, from Monday or the first of a month in a time zone, that had ended at a moment. */
export function lastPeriod(edition: PeriodicEdition, at: Date, timeZone: string): Window {
  const to = DateTime.fromJSDate(at, { zone: timeZone }).startOf(UNITS[edition]);
  return { from: to.minus({ [`${UNITS[edition]}s`]: 1 }).toJSDate(), to: to.toJSDate() };
}

/** What belongs to a window: the calendar period before a calendar period, else as long a window before, and its parts. */
export function timesOf(edition: Edition, window: Window, timeZone: string): ReportTimes {
  const from = DateTime.fromJSDate(window.from, { zone: timeZone });
  const to = DateTime.fromJSDate(window.to, { zone: timeZone });
  const unit = edition === 'on-demand' ? null : { [`${UNITS[edition]}s`]: 1 };
  const isPeriod = unit !== null && from.plus(unit).toMillis() === to.toMillis();
  const before = isPeriod ? from.minus(unit) : from.minus(to.diff(from));
  const step = to.diff(from).as('days') > MOST_DAYS ? { weeks: 1 } : { days: 1 };
  const parts = [{ start: window.from, day: from.toISODate()! }];
  for (let next = from.startOf('day').plus(step); next < to; next = next.plus(step)) {
    parts.push({ start: next.toJSDate(), day: next.toISODate()! });
  }
  const days = { first: from.toISODate()!, last: to.minus({ milliseconds: 1 }).toISODate()! };
  return { timeZone, window, before: { from: before.toJSDate(), to: window.from }, days, parts };
}
