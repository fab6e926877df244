import { Ownership } from '../engine/cost/ownership.js';
import type { UsageStore } from './ports.js';

export const COST_GROUPS = ['team', 'service', 'environment', 'attribute', 'location'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

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
