export const BUDGET_UNITS = ['money', 'bytes'] as const;
export type BudgetUnit = (typeof BUDGET_UNITS)[number];

/** What a team may use in a calendar month. */
export interface Budget {
  readonly id: string;
  readonly team: string;
  /** '' for all. */
  readonly environment: string;
  readonly unit: BudgetUnit;
  /** Bytes, or money in the currency of the price model. */
  readonly amount: number;
  /** '' for bytes. */
  readonly priceModel: string;
  /** Percent of the amount, rising. */
  readonly actualThresholds: readonly number[];
  readonly forecastThresholds: readonly number[];
}

export const BUDGET_ALERTS = ['actual', 'forecast'] as const;
export type BudgetAlertKind = (typeof BUDGET_ALERTS)[number];

/** A threshold that is reached in a month. */
export interface BudgetAlert {
  readonly kind: BudgetAlertKind;
  /** Percent. */
  readonly threshold: number;
  /** Since when it is reached without a break; milliseconds since the epoch. */
  readonly since: number;
  /** When it became an alert, which it is for the rest of the month; null while it is not. */
  readonly raisedAt: number | null;
  /** What was spent or expected when it was seen last. */
  readonly value: number;
}

/** A forecast must reach a threshold at every look for as long before that is told. */
export const FORECAST_HOLD_MS = 60 * 60_000;

/** Thresholds, in percent, that a value reaches. */
export function reached(value: number, amount: number, thresholds: readonly number[]): number[] {
  return thresholds.filter((threshold) => value * 100 >= amount * threshold);
}

/**
 * The alerts of a budget in a month after another look. What is spent counts at once, what is forecast when it holds; an
 * alert stays one, so that it is told once however the figures go up and down.
 *
 * @param forecast null where nothing can be said, which ends what was not raised yet
 * @param now milliseconds since the epoch
 */
export function nextAlerts(
  known: readonly BudgetAlert[],
  { amount, actualThresholds, forecastThresholds }: Budget,
  spent: number,
  forecast: number | null,
  now: number,
): BudgetAlert[] {
  const next = (kind: BudgetAlertKind, value: number | null, thresholds: readonly number[]): BudgetAlert[] => {
    const over = value === null ? [] : reached(value, amount, thresholds);
    return thresholds.flatMap((threshold) => {
      const before = known.find((alert) => alert.kind === kind && alert.threshold === threshold);
      if (before?.raisedAt != null) return [over.includes(threshold) ? { ...before, value: value! } : before];
      if (!over.includes(threshold)) return [];
      const since = before?.since ?? now;
      const holds = kind === 'actual' || now - since >= FORECAST_HOLD_MS;
      return [{ kind, threshold, since, raisedAt: holds ? now : null, value: value! }];
    });
  };
  return [...next('actual', spent, actualThresholds), ...next('forecast', forecast, forecastThresholds)];
}
