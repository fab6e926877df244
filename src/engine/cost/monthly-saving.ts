import type { PriceModel } from '../model/price-model.js';
import type { Moments, RatioRow } from '../model/simulation.js';
import {
  type Estimate,
  EstimateSum,
  exactly,
  type Interval,
  plus,
  standardError,
  T_QUANTILE,
  times,
} from './estimate.js';
import { pricesAt } from './price.js';
import type { UsageEstimate } from './usage-estimate.js';

/** What policies save in a month of 30 days; below 0 where spans grow. */
export interface MonthlySaving {
  readonly spans: number;
  readonly spansInterval: Interval;
  readonly bytes: number;
  readonly bytesInterval: Interval;
  /** In the currency of the price model; null without one. */
  readonly money: number | null;
  readonly moneyInterval: Interval | null;
  /** Whether something says how the spans that are received were sampled; the intervals are of the simulation alone if not. */
  readonly isUsageKnown: boolean;
  /** Services of the sample without usage: nothing of them is in the figures. */
  readonly unknownServices: number;
}

/** With fewer units of the sample its own spread is not known well enough: the quantile that is used has 16 degrees of freedom. */
export const LEAST_UNITS = 17;
export const LEAST_SPANS = 100;
const MONTH_DAYS = 30;
/** Beyond what any price model includes, so that each byte less is one that is paid for. */
const BEYOND_INCLUDED = 1e18;

/** A quantity with the two errors that it has: that of the usage, by trace, and that of the simulation's sample. */
interface Scaled {
  readonly estimate: EstimateSum;
  /** Variance. */
  own: number;
}

/**
 * Carries what a sample lost over to a month. In each service the lost share of it is a ratio estimate, d/x, with the
 * variance n/(n−1) · Σ(d − r·x)² / (Σx)² over its units (W. G. Cochran, Sampling Techniques, section 6.4); the usage of the
 * service, as costs estimate it, is multiplied by it. The two errors are independent, so their variances add up. Money is
 * at marginal prices, where what is included is used up.
 *
 * @param usage of `days` days
 * @param model null for no money
 */
export function monthlySaving(
  ratios: readonly RatioRow[],
  usage: readonly UsageEstimate[],
  days: number,
  model: PriceModel | null,
): MonthlySaving {
  const [bytes, spans, money] = [scaled(), scaled(), scaled()];
  const prices = pricesAt({ bytes: BEYOND_INCLUDED, spans: BEYOND_INCLUDED, days: MONTH_DAYS }, model ?? NO_METERS);
  let unknownServices = 0;
  for (const row of ratios) {
    const own = usage.filter(({ service }) => service === row.service);
    if (own.length === 0) unknownServices++;
    const of = (quantity: 'bytes' | 'spans'): Estimate =>
      times(
        own.reduce<Estimate>((sum, part) => plus(sum, part[quantity]), exactly(0)),
        MONTH_DAYS / days,
      );
    const lost = { bytes: lostOf(row.bytes, row.units, of('bytes')), spans: lostOf(row.spans, row.units, of('spans')) };
    add(bytes, [[lost.bytes, 1]]);
    add(spans, [[lost.spans, 1]]);
    add(money, [
      [lost.bytes, prices.marginalPerByte],
      [lost.spans, prices.marginalPerSpan],
    ]);
  }
  return {
    ...{ spans: spans.estimate.value, spansInterval: interval(spans) },
    ...{ bytes: bytes.estimate.value, bytesInterval: interval(bytes) },
    money: model === null ? null : money.estimate.value,
    moneyInterval: model === null ? null : interval(money),
    ...{ isUsageKnown: bytes.estimate.sums !== null, unknownServices },
  };
}

const NO_METERS = { meters: [] } as unknown as PriceModel;

function scaled(): Scaled {
  return { estimate: new EstimateSum(), own: 0 };
}

interface Lost {
  readonly estimate: Estimate;
  /** Standard error. */
  readonly own: number;
}

function lostOf({ x, d, xx, xd, dd }: Moments, units: number, total: Estimate): Lost {
  if (x === 0) return { estimate: exactly(0), own: 0 };
  const ratio = d / x;
  // Of one unit nothing is known of the spread: it counts as large as the ratio itself.
  const residuals = units < 2 ? d * d : (units / (units - 1)) * Math.max(0, dd - 2 * ratio * xd + ratio * ratio * xx);
  return { estimate: times(total, ratio), own: (total.value * Math.sqrt(residuals)) / x };
}

/** Adds what a service lost. Its bytes and spans come from the same sample, so their errors add up as they are. */
function add(sum: Scaled, parts: readonly (readonly [Lost, number])[]): void {
  let own = 0;
  for (const [lost, factor] of parts) {
    sum.estimate.add(times(lost.estimate, factor));
    own += factor * lost.own;
  }
  sum.own += own * own;
}

function interval({ estimate, own }: Scaled): Interval {
  const ofUsage = standardError(estimate) ?? 0;
  const half = T_QUANTILE * Math.sqrt(ofUsage * ofUsage + own);
  return { low: estimate.value - half, high: estimate.value + half };
}
