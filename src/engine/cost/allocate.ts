import type { PriceModel } from '../model/price-model.js';
import { type Estimate, EXACTLY_ZERO, exactly, type Interval, intervalOf, plus, times } from './estimate.js';
import { type Prices, pricesAt } from './price.js';

/** Charges that do not follow the spans: hosts, plans. */
export const FIXED_CHARGES = '(fixed charges)';

/** What a group is to pay for. */
export interface GroupUsage {
  readonly group: string;
  readonly receivedSpans: number;
  readonly receivedBytes: number;
  readonly spans: Estimate;
  readonly bytes: Estimate;
}

export interface EstimatedRow {
  readonly group: string;
  readonly receivedSpans: number;
  readonly receivedBytes: number;
  readonly spans: number;
  readonly bytes: number;
  readonly cost: number;
  readonly share: number;
  /** What is saved when all of it goes, at marginal prices. */
  readonly saving: number;
  /** Of 95 %; null where nothing is known of the error. */
  readonly spansInterval: Interval | null;
  readonly bytesInterval: Interval | null;
  readonly costInterval: Interval | null;
}

export interface EstimatedCosts {
  readonly total: EstimatedRow;
  /** Costliest first; they add up to the total. */
  readonly rows: readonly EstimatedRow[];
  readonly models: readonly { readonly model: PriceModel; readonly cost: number }[];
  /** Of all models together, at the estimated total. */
  readonly prices: Prices;
}

/**
 * Prices groups by several models of one currency at once: each group pays the average price of the total, and charges that
 * do not follow the spans are a row of their own. Prices are taken at the estimated total.
 */
export function allocate(usage: readonly GroupUsage[], days: number, models: readonly PriceModel[]): EstimatedCosts {
  const groups = new Map<string, GroupUsage>();
  for (const row of usage) groups.set(row.group, add(groups.get(row.group), row));
  const all = usage.reduce((sum, row) => add(sum, row), ZERO);
  const priced = { bytes: all.bytes.value, spans: all.spans.value, days };
  const each = models.map((model) => ({ model, prices: pricesAt(priced, model) }));
  const prices = each.map(({ prices: p }) => p).reduce(addPrices, NO_PRICES);
  if (prices.fixed > 0) groups.set(FIXED_CHARGES, { ...ZERO, group: FIXED_CHARGES });
  const total = rowOf({ ...all, group: 'total' }, prices, prices.fixed, 0);
  const rows = [...groups.values()]
    .map((row) => rowOf(row, prices, row.group === FIXED_CHARGES ? prices.fixed : 0, total.cost))
    .sort((a, b) => b.cost - a.cost || b.bytes - a.bytes || (a.group < b.group ? -1 : 1));
  return {
    total: { ...total, share: 1 },
    rows,
    models: each.map(({ model, prices: p }) => ({
      model,
      cost: p.perByte * priced.bytes + p.perSpan * priced.spans + p.fixed,
    })),
    prices,
  };
}

const ZERO: GroupUsage = { group: '', receivedSpans: 0, receivedBytes: 0, spans: EXACTLY_ZERO, bytes: EXACTLY_ZERO };
const NO_PRICES: Prices = { perByte: 0, perSpan: 0, fixed: 0, marginalPerByte: 0, marginalPerSpan: 0 };

function add(a: GroupUsage | undefined, b: GroupUsage): GroupUsage {
  if (a === undefined) return b;
  return {
    group: b.group,
    receivedSpans: a.receivedSpans + b.receivedSpans,
    receivedBytes: a.receivedBytes + b.receivedBytes,
    spans: plus(a.spans, b.spans),
    bytes: plus(a.bytes, b.bytes),
  };
}

function addPrices(a: Prices, b: Prices): Prices {
  return {
    perByte: a.perByte + b.perByte,
    perSpan: a.perSpan + b.perSpan,
    fixed: a.fixed + b.fixed,
    marginalPerByte: a.marginalPerByte + b.marginalPerByte,
    marginalPerSpan: a.marginalPerSpan + b.marginalPerSpan,
  };
}

/** What spans and bytes cost, with the error of both. */
export function costEstimate({ spans, bytes }: Pick<GroupUsage, 'spans' | 'bytes'>, prices: Prices): Estimate {
  return plus(times(bytes, prices.perByte), spans, prices.perSpan);
}

function rowOf(usage: GroupUsage, prices: Prices, fixed: number, total: number): EstimatedRow {
  const { group, receivedSpans, receivedBytes, spans, bytes } = usage;
  const cost = plus(exactly(fixed), costEstimate(usage, prices));
  const certain = fixed + prices.perByte * receivedBytes + prices.perSpan * receivedSpans;
  return {
    ...{ group, receivedSpans, receivedBytes, spans: spans.value, bytes: bytes.value, cost: cost.value },
    share: total === 0 ? 0 : cost.value / total,
    saving: prices.marginalPerByte * bytes.value + prices.marginalPerSpan * spans.value,
    spansInterval: intervalOf(spans, receivedSpans),
    bytesInterval: intervalOf(bytes, receivedBytes),
    costInterval: intervalOf(cost, certain),
  };
}
