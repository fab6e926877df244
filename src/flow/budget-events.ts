import type { Budget, BudgetAlert } from '../engine/cost/budget.js';
import type { StateNotifyEvent } from '../engine/model/notification.js';

/** An alert that was raised, with its budget. */
export interface RaisedAlert extends BudgetAlert {
  /** Stays the same as long as the budget does. */
  readonly id: string;
  readonly budget: Budget;
  readonly month: string;
  readonly raisedAt: number;
}

/** Alerts of budgets as events; an amount that is spent in whole is urgent. */
export function budgetEvents(
  alerts: readonly RaisedAlert[],
  currencyOf: (priceModel: string) => string | undefined,
): StateNotifyEvent[] {
  return alerts.map(({ id, budget, month, kind, threshold, raisedAt, value }) => {
    const { team, environment, unit, amount, priceModel } = budget;
    const of = environment === '' ? `team ${team}` : `team ${team} in ${environment}`;
    const isActual = kind === 'actual';
    const said = isActual ? `${threshold} % is spent in ${month}` : `${month} is expected to reach ${threshold} %`;
    const name = unit === 'bytes' ? 'bytes' : `${currencyOf(priceModel) ?? ''} by ${priceModel}`;
    return {
      kind: isActual ? 'budget_actual' : 'budget_forecast',
      ...{ id, at: raisedAt, service: '', environment, team },
      severity: isActual && threshold >= 100 ? 'high' : 'medium',
      title: `Budget of ${of}: ${said}`,
      detail: `${isActual ? 'spent' : 'expected'} ${figure(value)} of ${figure(amount)} ${name}`,
      path: `/api/v1/budgets/${budget.id}`,
    };
  });
}

function figure(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 4 }).format(value);
}
