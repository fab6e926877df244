import { type Estimate, type Interval, standardError, T_QUANTILE } from './estimate.js';

/** What a month is expected to come to, or why nothing can be said. */
export type Forecast =
  | {
      readonly verdict: 'estimated';
      readonly value: number;
      /** Of 95 %; null where the error of what was spent is not known. */
      readonly interval: Interval | null;
      /** Whole days that the rest of the month is taken from. */
      readonly days: number;
    }
  | { readonly verdict: 'insufficient_evidence'; readonly reason: string };

/** 97.5 % quantiles of Student's t by the number of days less one. */
const QUANTILES: Readonly<Record<number, number>> = { 7: 2.4469, 14: 2.1604, 21: 2.086, 28: 2.0518 };
const WEEK = 7;
/** Days that a forecast looks back at most. */
export const FORECAST_DAYS = 28;

/**
 * The mean method: each day to come is like the mean of the last whole weeks, with the prediction interval of the sum of m
 * such days, t · s · √(m + m²/n) (Hyndman and Athanasopoulos, Forecasting: Principles and Practice, 3rd edition, sections
 * 5.2 and 5.5, where one day has s · √(1 + 1/n)). Days vary independently of each other for it. The error of what was spent
 * is added as of another source.
 *
 * @param spent of the month so far
 * @param days what whole days came to, the latest last; from the first day on that there was anything
 * @param left days until the month ends, with their fraction
 */
export function forecastMonth(spent: Estimate, days: readonly number[], left: number): Forecast {
  const n = Math.min(FORECAST_DAYS, Math.floor(days.length / WEEK) * WEEK);
  const quantile = QUANTILES[n];
  if (quantile === undefined) {
    return { verdict: 'insufficient_evidence', reason: `only ${days.length} whole days are known, ${WEEK} are needed` };
  }
  const last = days.slice(-n);
  const mean = meanOf(last);
  const variance = last.reduce((sum, day) => sum + (day - mean) ** 2, 0) / (n - 1);
  const value = spent.value + left * mean;
  const error = standardError(spent);
  if (error === null) return { verdict: 'estimated', value, interval: null, days: n };
  const half = Math.hypot(T_QUANTILE * error, quantile * Math.sqrt(variance * (left + left ** 2 / n)));
  return { verdict: 'estimated', value, interval: { low: Math.max(0, value - half), high: value + half }, days: n };
}

/** What a day of those that a forecast is made of comes to on average; 0 where there is none. */
export function meanOf(days: readonly number[]): number {
  return days.length === 0 ? 0 : days.reduce((sum, day) => sum + day, 0) / days.length;
}
