import { BYTE_UNITS, type PriceModel } from '../model/price-model.js';

/** Cost of ingested bytes in the model's currency: the sum over its meters of units times price. */
export function costOf(ingestedBytes: number, model: PriceModel): number {
  const units = ingestedBytes / BYTE_UNITS[model.unit];
  return model.meters.reduce((sum, meter) => sum + units * meter.pricePerUnit, 0);
}

/** What dropping the bytes would save in the model's currency. */
export function savingOf(bytes: number, model: PriceModel): number {
  return (bytes / BYTE_UNITS[model.unit]) * model.marginalPricePerUnit;
}
