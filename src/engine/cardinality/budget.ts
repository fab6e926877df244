import type { GrowthClass } from '../model/growth.js';
import { isLowCardinality } from './low-cardinality.js';

/** How many distinct values an attribute may have in a window of seven days; null stands for any. */
export interface Budget {
  readonly team: string | null;
  readonly service: string | null;
  readonly key: string | null;
  readonly maxDistinct: number;
}

export interface BudgetedAttribute {
  readonly team: string;
  readonly service: string;
  readonly key: string;
  readonly class: GrowthClass;
}

/** What a budget of an attribute came from: a person, or the default of its class or of the conventions. */
export const BUDGET_SOURCES = ['set', 'class', 'convention'] as const;
export type BudgetSource = (typeof BUDGET_SOURCES)[number];

/** Budgets where nobody set one; nothing is expected of what is not known. */
export const DEFAULT_BUDGETS: Readonly<Record<GrowthClass, number | null>> = {
  constant: 100,
  enum: 100,
  bounded: 10_000,
  growing: 10_000,
  unbounded: 10_000,
  insufficient_evidence: null,
};
/** For keys that the conventions say to be of low cardinality. */
const CONVENTION_BUDGET = 1_000;

/**
 * The budget of an attribute: of those that were set the one that names most (the key counts before the service, and
 * that before the team), else the default. Null where there is none.
 */
export function budgetOf(
  attribute: BudgetedAttribute,
  budgets: readonly Budget[],
): { readonly maxDistinct: number; readonly source: BudgetSource } | null {
  const { team, service, key } = attribute;
  const fits = (wanted: string | null, is: string): boolean => wanted === null || wanted === is;
  const set = budgets
    .filter((budget) => fits(budget.team, team) && fits(budget.service, service) && fits(budget.key, key))
    .sort((a, b) => weightOf(b) - weightOf(a))[0];
  if (set !== undefined) return { maxDistinct: set.maxDistinct, source: 'set' };
  if (isLowCardinality(key)) return { maxDistinct: CONVENTION_BUDGET, source: 'convention' };
  const maxDistinct = DEFAULT_BUDGETS[attribute.class];
  return maxDistinct === null ? null : { maxDistinct, source: 'class' };
}

function weightOf({ key, service, team }: Budget): number {
  return (key === null ? 0 : 4) + (service === null ? 0 : 2) + (team === null ? 0 : 1);
}
