import { metersToFill } from '../../engine/cost/price.js';
import type { PriceModel } from '../../engine/model/price-model.js';
import { problem } from '../../engine/problem.js';
import { invalid } from './problems.js';

/**
 * The models that are asked for.
 *
 * @param ids with commas between them
 * @throws ApiError unless all are known, have prices and are in one currency
 */
export function chosenModels(ids: string, all: ReadonlyMap<string, PriceModel>): PriceModel[] {
  const asked = [...new Set(ids.split(','))].map((id) => all.get(id));
  const usable = [...all.values()].filter(isUsable).map(({ id }) => id);
  const models = asked.filter((model) => model !== undefined && isUsable(model)) as PriceModel[];
  const place = 'query.price_model';
  if (models.length < asked.length) {
    throw invalid([problem('invalid', place, 'not known, or without prices', usable.join(', '))]);
  }
  if (new Set(models.map(({ currency }) => currency)).size > 1) {
    throw invalid([problem('invalid', place, 'in several currencies', 'models of one currency')]);
  }
  return models;
}

export function isUsable(model: PriceModel): boolean {
  return metersToFill(model).length === 0;
}
