import type { CostChange } from '../model/report.js';

/** What a service sent in a period, and whose it was then. */
export interface ServiceUse {
  readonly team: string;
  readonly spans: number;
  readonly bytes: number;
}

/** A service in a period and the one before; null where it sent nothing. */
export interface ServiceChange {
  readonly service: string;
  readonly now: ServiceUse | null;
  readonly before: ServiceUse | null;
}

export const NO_CHANGE: CostChange = { volume: 0, size: 0, price: 0, ownership: 0 };

/**
 * Why the cost of a team (or of all, team null) changed. With S spans of b bytes each at a price p per byte, from the
 * period before (0) to this one (1), summed over the services that the team has now:
 * volume = (S1 - S0) b0 p0, size = S1 (b1 - b0) p0, price = S1 b1 (p1 - p0). Ownership is what services that came cost
 * before, less what those that went did. The four add up to the change. A service without spans before has only volume.
 *
 * @param price per byte now
 * @param priceBefore per byte in the period before
 */
export function explainChange(
  services: readonly ServiceChange[],
  team: string | null,
  price: number,
  priceBefore: number,
): CostChange {
  const sum = { ...NO_CHANGE } as { -readonly [K in keyof CostChange]: number };
  for (const { now, before } of services) {
    const owner = (now ?? before)?.team;
    const has = owner !== undefined && (team === null || owner === team);
    const had = before !== null && (team === null || before.team === team);
    const bytes0 = before?.bytes ?? 0;
    if (has !== had && bytes0 > 0) sum.ownership += (has ? 1 : -1) * bytes0 * priceBefore;
    if (!has) continue;
    const bytes1 = now?.bytes ?? 0;
    const spans0 = before?.spans ?? 0;
    const spans1 = now?.spans ?? 0;
    const volume = spans0 === 0 ? bytes1 - bytes0 : ((spans1 - spans0) * bytes0) / spans0;
    sum.volume += volume * priceBefore;
    sum.size += (bytes1 - bytes0 - volume) * priceBefore;
    sum.price += bytes1 * (price - priceBefore);
  }
  return sum;
}
