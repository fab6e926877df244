import { ownerOf } from '../engine/cost/ownership.js';
import type { UsageStore } from './ports.js';

export const COST_GROUPS = ['team', 'service', 'environment', 'attribute'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

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
