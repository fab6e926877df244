import type { PriceModel } from '../model/price-model.js';
import type { SimulatedCounts } from '../model/simulation.js';
import { type Estimate, type Interval, intervalOf, plus, times } from './estimate.js';
import { pricesAt } from './price.js';
import { estimateUsage } from './usage-estimate.js';

/** What policies save, of the spans that were looked at and all that these stand for. */
export interface Saving {
  readonly spans: number;
  readonly spansInterval: Interval | null;
  readonly bytes: number;
  readonly bytesInterval: Interval | null;
  /** In the currency of the price model; null without a model. */
  readonly money: number | null;
  /** Of 95 %; null where nothing is known of the error. */
  readonly moneyInterval: Interval | null;
}

/** Beyond what any price model includes, so that each byte less is one that is paid for. */
const BEYOND_INCLUDED = 1e18;

/**
 * What is saved, with its error. Weights are those of the spans before; the error is that of the difference, clustered by
 * trace. Money is at marginal prices, where what is included is used up.
 *
 * @param probability of a trace to be among the spans, for spans that do not say it; null where it is not known
 * @param days of storage that a model without a retention of its own is charged for
 * @returns null where there is not enough evidence: the policies change how spans say what they stand for
 */
export function simulatedSaving(
  { before, after }: Pick<SimulatedCounts, 'before' | 'after'>,
  model: PriceModel | null,
  probability: number | null,
  days = 30,
): Saving | null {
  const isReweighed = before.weighedSpans !== after.weighedSpans || before.estimatedSpans !== after.estimatedSpans;
  if (before.spans === after.spans && isReweighed) return null;
  const [was, is] = [before, after].map((volume) =>
    estimateUsage({ ...volume, service: '', environment: '' }, probability),
  );
  const spans = plus(was!.spans, is!.spans, -1);
  const bytes = plus(was!.bytes, is!.bytes, -1);
  const ofUsage = { spansInterval: interval(spans), bytesInterval: interval(bytes) };
  const common = { spans: spans.value, bytes: bytes.value, ...ofUsage };
  if (model === null) return { ...common, money: null, moneyInterval: null };
  const prices = pricesAt({ bytes: BEYOND_INCLUDED, spans: BEYOND_INCLUDED, days }, model);
  const money = plus(times(bytes, prices.marginalPerByte), spans, prices.marginalPerSpan);
  return { ...common, money: money.value, moneyInterval: interval(money) };
}

/** Policies can add bytes too, so nothing is certain of the difference. */
function interval(estimate: Estimate): Interval | null {
  return intervalOf(estimate, Number.NEGATIVE_INFINITY);
}
