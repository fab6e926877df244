import type { PriceModel } from '../../engine/model/price-model.js';
import { readPriceModel } from '../../engine/rules/price-document.js';
import type { RuleSet } from '../files/rule-files.js';
import type { PostgresUsageStore } from '../store/usage-store.js';

/** Price models that ship and those of a tenant, which stand in their place where they have the same id. */
export async function priceModels(
  tenant: string,
  { prices }: Pick<RuleSet, 'prices'>,
  store: PostgresUsageStore,
): Promise<Map<string, PriceModel>> {
  const own = [...(await store.prices(tenant))].map(([id, document]) => {
    return [id, readPriceModel(id, document).model] as const;
  });
  return new Map([...prices, ...own]);
}
