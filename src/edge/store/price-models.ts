import { metersToFill } from '../../engine/cost/price.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import { readPriceModel } from '../../engine/rules/price-document.js';
import type { PostgresUsageStore } from './usage-store.js';

/** Models by id: those of a tenant's own in the place of those that ship, or beside them. */
export async function priceModels(
  tenant: string,
  shipped: ReadonlyMap<string, PriceModel>,
  usage: PostgresUsageStore,
): Promise<Map<string, PriceModel>> {
  const own = [...(await usage.prices(tenant))].map(([id, document]) => {
    return [id, readPriceModel(id, document).model] as const;
  });
  return new Map([...shipped, ...own]);
}

/** Those that every meter of has a price. */
export function usableModels(models: ReadonlyMap<string, PriceModel>): Map<string, PriceModel> {
  return new Map([...models].filter(([, model]) => metersToFill(model).length === 0));
}
