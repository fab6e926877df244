import { DateTime } from 'luxon';
import { FORECAST_DAYS } from '../engine/cost/forecast.js';
import type { Month } from '../flow/budgets.js';

/** The calendar month of a time zone that holds a moment, and the days that a forecast of it looks back at. */
export function monthAt(now: Date, timeZone: string): Month {
  const at = DateTime.fromJSDate(now, { zone: timeZone });
  const from = at.startOf('month');
  const today = at.startOf('day');
  const starts = Array.from({ length: FORECAST_DAYS + 1 }, (_, i) =>
    today.minus({ days: FORECAST_DAYS - i }).toJSDate(),
  );
  return {
    name: from.toFormat('yyyy-MM'),
    window: { from: from.toJSDate(), to: from.plus({ months: 1 }).toJSDate() },
    now,
    days: starts.slice(0, -1).map((start, i) => ({ from: start, to: starts[i + 1]! })),
  };
}
