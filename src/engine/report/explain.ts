import type { CostChange } from '../model/report.js';

/** Estimated spans and bytes. */
export interface Used {
  readonly spans: number;
  readonly bytes: number;
}

/** What a service sent in a period, and what of it was whose: teams can follow one another, and share. */
export interface ServiceUse extends Used {
  readonly receivedSpans: number;
  readonly receivedBytes: number;
  readonly byTeam: ReadonlyMap<string, Used>;
}

/** A service in a period and the one before; null where it sent nothing. */
export interface ServiceChange {
  readonly service: string;
  readonly now: ServiceUse | null;
  readonly before: ServiceUse | null;
}

/** Average prices; what they say nothing of, hosts and plans, is no change of a service. */
export interface UnitPrices {
  readonly perByte: number;
  readonly perSpan: number;
}

export const NO_CHANGE: CostChange = { volume: 0, size: 0, price: 0, ownership: 0 };
const NOTHING: Used = { spans: 0, bytes: 0 };

export function costAt({ spans, bytes }: Used, { perByte, perSpan }: UnitPrices): number {
  return bytes * perByte + spans * perSpan;
}

/** What of a service is a team's; all of it for team null. */
export function useOf(use: ServiceUse | null, team: string | null): Used {
  if (use === null) return NOTHING;
  return team === null ? use : (use.byTeam.get(team) ?? NOTHING);
}

/**
 * Why the cost of a team (or of all, team null) changed. With S spans of b bytes each at prices p per byte and q per span,
 * from the period before (0) to this one (1), summed over services: volume = (S1 - S0) (b0 p0 + q0), size = S1 (b1 - b0) p0,
 * price = S1 b1 (p1 - p0) + S1 (q1 - q0). What came before counts by the share of the service that the team has now;
 * ownership is what that cost, less what the share that the team had cost. The four add up to the change. A service
 * without spans before has only volume.
 */
export function explainChange(
  services: readonly ServiceChange[],
  team: string | null,
  prices: UnitPrices,
  pricesBefore: UnitPrices,
): CostChange {
  const sum = { ...NO_CHANGE } as { -readonly [K in keyof CostChange]: number };
  for (const { now, before } of services) {
    const is = useOf(now, team);
    const had = useOf(before, team);
    const was = now === null ? had : shareOf(before, is, now);
    sum.ownership += costAt(was, pricesBefore) - costAt(had, pricesBefore);
    const spans = is.spans - was.spans;
    const volume = was.spans === 0 ? is.bytes - was.bytes : (spans * was.bytes) / was.spans;
    sum.volume += volume * pricesBefore.perByte + spans * pricesBefore.perSpan;
    sum.size += (is.bytes - was.bytes - volume) * pricesBefore.perByte;
    sum.price += costAt(is, prices) - costAt(is, pricesBefore);
  }
  return sum;
}

/** What came before, by the part that somebody has of what comes now. */
function shareOf(before: ServiceUse | null, part: Used, now: Used): Used {
  if (before === null) return NOTHING;
  const spans = now.spans === 0 ? 0 : part.spans / now.spans;
  const bytes = now.bytes === 0 ? spans : part.bytes / now.bytes;
  return { spans: before.spans * spans, bytes: before.bytes * bytes };
}
