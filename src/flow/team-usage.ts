import type { GroupUsage } from '../engine/cost/allocate.js';
import { times } from '../engine/cost/estimate.js';
import { shareOut, splitAt, type TeamUsage } from '../engine/cost/shared.js';
import { estimateUsage, type UsageEstimate } from '../engine/cost/usage-estimate.js';
import { ownershipOf } from './costs.js';
import type { SampledUsageStore } from './estimated-costs.js';
import type { Window } from './ports.js';
import { partsOf } from './window-parts.js';

/** What of a service's usage is a team's, which is the group. */
export type TeamPart = UsageEstimate & GroupUsage;

/**
 * Usage of services by team: what a service sent while a team owned it is the team's, unless teams share it. Parts of a service's estimate add up
 * to it, with its error; how it spreads over time is taken as estimated.
 */
export async function usageByTeam(
  tenant: string,
  window: Window,
  estimates: readonly UsageEstimate[],
  probabilityOf: (service: string) => number | null,
  store: SampledUsageStore,
): Promise<TeamPart[]> {
  const [ownership, splits] = await Promise.all([ownershipOf(tenant, store), store.splits(tenant)]);
  const parts = partsOf(window, [...ownership.changesWithin(window), ...splits.map(({ validFrom }) => validFrom)]);
  const ofTeam = (estimate: UsageEstimate, at: Date): TeamUsage<TeamPart> => {
    const usage = { ...estimate, group: ownership.ownerOf(estimate.service, at).team };
    return { usage, split: splitAt(splits, estimate.service, at) };
  };
  if (parts.length === 1) return shareOut(estimates.map((row) => ofTeam(row, window.from)));
  const usage = new Map<string, PartOfUsage[]>();
  for (const part of parts) {
    for (const row of await store.sampledUsage(tenant, part)) {
      const name = nameOf(row);
      const known = usage.get(name) ?? [];
      known.push({ at: part.from, estimate: estimateUsage(row, probabilityOf(row.service)) });
      usage.set(name, known);
    }
  }
  const rows = estimates.flatMap((row) => inTime(row, usage.get(nameOf(row)) ?? [], window));
  return shareOut(rows.map(({ estimate, at }) => ofTeam(estimate, at)));
}

interface PartOfUsage {
  readonly at: Date;
  readonly estimate: UsageEstimate;
}

/** An estimate by its parts in time. Where the store has no parts any more, all of it counts at the window's end. */
function inTime(whole: UsageEstimate, parts: readonly PartOfUsage[], window: Window): PartOfUsage[] {
  if (parts.length === 0) return [{ at: new Date(window.to.getTime() - 1), estimate: whole }];
  const shares = (of: (row: UsageEstimate) => number): number[] => {
    const sum = parts.reduce((total, { estimate }) => total + of(estimate), 0);
    return parts.map(({ estimate }, i) => (sum > 0 ? of(estimate) / sum : i === parts.length - 1 ? 1 : 0));
  };
  const spans = shares((row) => row.spans.value);
  const bytes = shares((row) => row.bytes.value);
  const receivedSpans = shares((row) => row.receivedSpans);
  const receivedBytes = shares((row) => row.receivedBytes);
  return parts.map(({ at }, i) => ({
    at,
    estimate: {
      ...whole,
      receivedSpans: whole.receivedSpans * receivedSpans[i]!,
      receivedBytes: whole.receivedBytes * receivedBytes[i]!,
      spans: times(whole.spans, spans[i]!),
      bytes: times(whole.bytes, bytes[i]!),
    },
  }));
}

function nameOf({ service, environment }: { service: string; environment: string }): string {
  return `${service}\0${environment}`;
}
