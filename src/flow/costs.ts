import { type Costs, priceUsage, type Usage } from '../engine/cost/costs.js';
import { Ownership } from '../engine/cost/ownership.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { UsageStore, Window } from './ports.js';
import { partsOf } from './window-parts.js';

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
  if (group === 'team') return priceUsage(await teamUsage(tenant, window, store), model);
  const usage = await store.usage(tenant, window);
  const groupOf = {
    service: (service: string) => service,
    environment: (_: string, environment: string) => environment,
  }[group];
  const rows = usage.map((u) => ({ group: groupOf(u.service, u.environment), spans: u.spans, bytes: u.bytes }));
  return priceUsage(rows, model);
}

/** What a service sent while a team owned it is the team's. */
async function teamUsage(tenant: string, window: Window, store: UsageStore): Promise<Usage[]> {
  const ownership = await ownershipOf(tenant, store);
  const rows: Usage[] = [];
  for (const part of partsOf(window, ownership.changesWithin(window))) {
    for (const { service, spans, bytes } of await store.usage(tenant, part)) {
      rows.push({ group: ownership.ownerOf(service, part.from).team, spans, bytes });
    }
  }
  return rows;
}

/** Owners of services at any time. */
export async function ownershipOf(tenant: string, store: UsageStore): Promise<Ownership> {
  const [services, assignments] = await Promise.all([store.services(tenant), store.assignments(tenant)]);
  return new Ownership(services, assignments);
}

/** Team by service, whichever way it is known, as of now or of another time. */
export async function teamsByService(tenant: string, store: UsageStore, at = new Date()): Promise<Map<string, string>> {
  return (await ownershipOf(tenant, store)).teamsAt(at);
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
