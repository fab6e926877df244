import { type PriceMeter, type PriceModel, UNIT_SIZES } from '../model/price-model.js';

const MONTH_DAYS = 30;

export interface PricedUsage {
  readonly bytes: number;
  readonly spans: number;
  /** Length of the window, for what is charged or included by the month (of 30 days). */
  readonly days: number;
}

/** Prices at a given usage, in the model's currency; `perByte · bytes + perSpan · spans + fixed` is the cost of it. */
export interface Prices {
  readonly perByte: number;
  readonly perSpan: number;
  readonly fixed: number;
  /** What one byte or span less saves. */
  readonly marginalPerByte: number;
  readonly marginalPerSpan: number;
}

/** Meters without a price: while there is one, nothing can be priced. */
export function metersToFill(model: PriceModel): PriceMeter[] {
  return model.meters.filter((meter) => meter.pricePerUnit === null || meter.marginalPricePerUnit === null);
}

/** Average and marginal prices: units of each meter, less what is included, times its price. */
export function pricesAt(usage: PricedUsage, model: PriceModel): Prices {
  const prices = { perByte: 0, perSpan: 0, fixed: 0, marginalPerByte: 0, marginalPerSpan: 0 };
  const months = usage.days / MONTH_DAYS;
  for (const meter of model.meters) {
    const price = meter.pricePerUnit ?? 0;
    if (meter.measures === 'hosts' || meter.measures === 'flat') {
      prices.fixed += meter.count * months * price;
      continue;
    }
    const kind = meter.measures === 'indexed_spans' || meter.measures === 'events' ? 'Span' : 'Byte';
    const each = unitsOf(meter, usage.days);
    const quantity = kind === 'Span' ? usage.spans : usage.bytes;
    const billed = Math.max(0, quantity * each - meter.included * months);
    if (billed === 0) continue;
    prices[`per${kind}`] += (billed * price) / quantity;
    prices[`marginalPer${kind}`] += each * (meter.marginalPricePerUnit ?? 0);
  }
  return prices;
}

/** Units of a meter that one byte or span makes. */
function unitsOf(meter: PriceMeter, days: number): number {
  const units = meter.share / UNIT_SIZES[meter.unit];
  if (meter.measures === 'retained_bytes') return (units * Math.max(0, meter.days - meter.baseDays)) / MONTH_DAYS;
  if (meter.measures !== 'stored_bytes') return units;
  return (units * meter.compression * meter.replicas * (meter.days || days)) / MONTH_DAYS;
}

/** Cost of usage with all charges in it, in the model's currency. */
export function costOfUsage(usage: PricedUsage, model: PriceModel): number {
  const { perByte, perSpan, fixed } = pricesAt(usage, model);
  return perByte * usage.bytes + perSpan * usage.spans + fixed;
}

/** Cost of ingested bytes by the meters of bytes, without what is included. */
export function costOf(ingestedBytes: number, model: PriceModel): number {
  return bytePrice(model, 'pricePerUnit') * ingestedBytes;
}

/** What dropping the bytes would save, where what is included is used up. */
export function savingOf(bytes: number, model: PriceModel): number {
  return bytePrice(model, 'marginalPricePerUnit') * bytes;
}

function bytePrice(model: PriceModel, of: 'pricePerUnit' | 'marginalPricePerUnit'): number {
  return model.meters
    .filter(({ measures }) => measures.endsWith('_bytes'))
    .reduce((sum, meter) => sum + unitsOf(meter, MONTH_DAYS) * (meter[of] ?? 0), 0);
}
