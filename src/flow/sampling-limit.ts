import { costOfUsage, pricesAt } from '../engine/cost/price.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { SamplingBudget } from '../engine/model/sampling.js';
import type { SamplingLimit } from '../engine/policy/sampling-proposal.js';

export const MONTH_S = 30 * 86_400;
const DAY_S = 86_400;
const GB = 1e9;
/** Beyond what any price model includes. */
const BEYOND_INCLUDED = 1e18;
const HALVINGS = 60;

/** Of a month of 30 days. */
export interface MonthlyVolume {
  readonly spans: number;
  readonly bytes: number;
}

/** What traces of a scope cost by the month, beside everything else that is charged. */
export class ScopePrice {
  private readonly rest: MonthlyVolume;

  /**
   * @param all usage of everything
   * @param scope that of the traces in question, before sampling
   */
  constructor(
    private readonly model: PriceModel,
    all: MonthlyVolume,
    scope: MonthlyVolume,
  ) {
    this.rest = { spans: Math.max(0, all.spans - scope.spans), bytes: Math.max(0, all.bytes - scope.bytes) };
  }

  costOf({ spans, bytes }: MonthlyVolume): number {
    const { rest, model } = this;
    const cost = (usage: MonthlyVolume): number => costOfUsage({ ...usage, days: 30 }, model);
    return cost({ spans: rest.spans + spans, bytes: rest.bytes + bytes }) - cost(rest);
  }
}

/**
 * A budget as a limit by the second, in a unit that spans and bytes cost something in. Null where a price model charges
 * nothing for them.
 *
 * @param price of the scope; null for a budget that is not money
 * @param offered what there is by the month before sampling
 */
export function limitOf(
  budget: SamplingBudget,
  price: { readonly model: PriceModel; readonly scope: ScopePrice } | null,
  offered: MonthlyVolume,
): SamplingLimit | null {
  if (budget.kind === 'spans_per_second') return { unit: { perSpan: 1, perByte: 0 }, perSecond: budget.amount };
  if (budget.kind === 'gigabytes_per_day') {
    return { unit: { perSpan: 0, perByte: 1 }, perSecond: (budget.amount * GB) / DAY_S };
  }
  if (price === null) return null;
  const prices = pricesAt({ bytes: BEYOND_INCLUDED, spans: BEYOND_INCLUDED, days: 30 }, price.model);
  const unit = { perSpan: prices.marginalPerSpan, perByte: prices.marginalPerByte };
  const linear = offered.spans * unit.perSpan + offered.bytes * unit.perByte;
  if (unit.perSpan === 0 && unit.perByte === 0) return null;
  const share = affordable(budget.amount, (part) =>
    price.scope.costOf({ spans: offered.spans * part, bytes: offered.bytes * part }),
  );
  return { unit, perSecond: (share * linear) / MONTH_S };
}

/** The largest share whose cost is within an amount. */
function affordable(amount: number, costAt: (share: number) => number): number {
  if (costAt(1) <= amount) return 1;
  let [low, high] = [0, 1];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (costAt(middle) <= amount) low = middle;
    else high = middle;
  }
  return low;
}
