import { DateTime } from 'luxon';
import type { Window } from '../../flow/ports.js';

/** The last week, Monday to Monday in a time zone, that had ended at a moment. */
export function lastWeek(at: Date, timeZone: string): Window {
  const to = DateTime.fromJSDate(at, { zone: timeZone }).startOf('week');
  return { from: to.minus({ weeks: 1 }).toJSDate(), to: to.toJSDate() };
}
