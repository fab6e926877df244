import { type Costs, priceUsage, type Usage } from '../engine/cost/costs.js';
import { ownerOf, UNOWNED } from '../engine/cost/ownership.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { UsageStore, Window } from './ports.js';

export const COST_GROUPS = ['team', 'service', 'environment', 'attribute'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

/** The row for bytes that are no attribute: ids, times, names, framing. */
const STRUCTURE = '(span structure)';

/** Usage of a window, by group, priced. The rows add up to the total. */
export async function costs(
  tenant: string,
  window: Window,
  group: CostGroup,
  store: UsageStore,
  model: PriceModel,
): Promise<Costs> {
  if (group === 'attribute') return priceUsage(await attributeUsage(tenant, window, store), model);
  const [usage, teams] = await Promise.all([store.usage(tenant, window), teamsByService(tenant, store)]);
  const groupOf = {
    team: (service: string) => teams.get(service) ?? UNOWNED,
    service: (service: string) => service,
    environment: (_: string, environment: string) => environment,
  }[group];
  const rows = usage.map((u) => ({ group: groupOf(u.service, u.environment), spans: u.spans, bytes: u.bytes }));
  return priceUsage(rows, model);
}

/** Team by service, whichever way it is known. */
export async function teamsByService(tenant: string, store: UsageStore): Promise<Map<string, string>> {
  const [services, owners] = await Promise.all([store.services(tenant), store.owners(tenant)]);
  return new Map(services.map((row) => [row.service, ownerOf(row, owners).team]));
}

/** Services of a team; undefined where no team is asked for. */
export function servicesOf(team: string | undefined, teams: ReadonlyMap<string, string>): string[] | undefined {
  if (team === undefined) return undefined;
  return [...teams].filter(([, owner]) => owner === team).map(([service]) => service);
}

async function attributeUsage(tenant: string, window: Window, store: UsageStore): Promise<Usage[]> {
  const [usage, attributes] = await Promise.all([store.usage(tenant, window), store.attributeBytes(tenant, window)]);
  const rows = [...attributes].map(([key, bytes]) => ({ group: key, spans: 0, bytes }));
  const spans = usage.reduce((sum, u) => sum + u.spans, 0);
  const rest = usage.reduce((sum, u) => sum + u.bytes, 0) - rows.reduce((sum, row) => sum + row.bytes, 0);
  return [...rows, { group: STRUCTURE, spans, bytes: rest }];
}
