import { costEstimate, FIXED_CHARGES } from '../engine/cost/allocate.js';
import { EstimateSum, intervalOf, times } from '../engine/cost/estimate.js';
import { addBytesOfPart } from '../engine/cost/parts.js';
import type { Prices } from '../engine/cost/price.js';
import type { UsageEstimate } from '../engine/cost/usage-estimate.js';
import type { Interval } from '../engine/model/interval.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { Amount, ReportUsage } from '../engine/model/report.js';
import type { PeriodInput } from '../engine/report/build.js';
import type { ServiceUse, Used } from '../engine/report/explain.js';
import { costsByTeam, type SampledUsageStore, type TeamCosts } from './estimated-costs.js';
import type { WeekRow, Window } from './ports.js';

/** What `/costs` says of a window by team, and the services behind it. */
export interface PeriodCosts extends TeamCosts {
  readonly prices: Prices;
  readonly services: ReadonlyMap<string, ServiceUse>;
  readonly byPlace: ReadonlyMap<string, UsageEstimate>;
}

/** Costs of a window and of the one before. A window without spans has the prices of the other. */
export async function comparedCosts(
  tenant: string,
  window: Window,
  before: Window,
  store: SampledUsageStore,
  models: readonly PriceModel[],
): Promise<{ readonly now: PeriodCosts; readonly before: PeriodCosts }> {
  const [now, then] = await Promise.all(
    [window, before].map((period) => costsByTeam(tenant, period, store, models)) as [
      Promise<TeamCosts>,
      Promise<TeamCosts>,
    ],
  );
  const pricesOf = (own: TeamCosts, other: TeamCosts): Prices => {
    const { prices, total } = own.costs;
    return total.spans > 0 ? prices : { ...other.costs.prices, fixed: prices.fixed };
  };
  return { now: period(now, pricesOf(now, then)), before: period(then, pricesOf(then, now)) };
}

function period(costs: TeamCosts, prices: Prices): PeriodCosts {
  const byPlace = new Map(costs.estimates.map((row) => [placeOf(row), row]));
  return { ...costs, prices, services: servicesOf(costs), byPlace };
}

function placeOf({ service, environment }: { service: string; environment: string }): string {
  return `${service}\0${environment}`;
}

interface Sum {
  spans: number;
  bytes: number;
}

const EMPTY = { spans: 0, bytes: 0, receivedSpans: 0, receivedBytes: 0 };

function servicesOf({ estimates, parts }: TeamCosts): Map<string, ServiceUse> {
  const services = new Map<string, Sum & { receivedSpans: number; receivedBytes: number; byTeam: Map<string, Sum> }>();
  for (const { service, spans, bytes, receivedSpans, receivedBytes } of estimates) {
    const known = services.get(service) ?? { ...EMPTY, byTeam: new Map() };
    services.set(service, known);
    add(known, spans.value, bytes.value);
    known.receivedSpans += receivedSpans;
    known.receivedBytes += receivedBytes;
  }
  for (const { service, group, spans, bytes } of parts) {
    const { byTeam } = services.get(service)!;
    const sum = byTeam.get(group) ?? { spans: 0, bytes: 0 };
    byTeam.set(group, sum);
    add(sum, spans.value, bytes.value);
  }
  return services;
}

function add(sum: Sum, spans: number, bytes: number): void {
  sum.spans += spans;
  sum.bytes += bytes;
}

const NO_USAGE = { receivedSpans: 0, spans: 0, bytes: 0, cost: 0, costInterval: { low: 0, high: 0 } };

/** A period as the report of a team, or of all (team null), has it. */
export function periodInput({ costs, prices }: PeriodCosts, team: string | null): PeriodInput {
  const own = costs.rows.filter(({ group }) => team === null || group === team);
  const total = team === null ? costs.total : (own[0] ?? NO_USAGE);
  const fixed = own.some(({ group }) => group === FIXED_CHARGES) ? prices.fixed : 0;
  return {
    prices,
    total: figures(total),
    receivedSpans: total.receivedSpans,
    teams: own.map((row) => ({ team: row.group, ...figures(row) })),
    fixed,
  };
}

function figures({ spans, bytes, cost, costInterval }: ReportUsage): ReportUsage {
  return { spans, bytes, cost, costInterval };
}

/** Intervals of what services cost a team, or all (team null), by service. */
export function serviceIntervals({ parts, prices }: PeriodCosts, team: string | null): Map<string, Interval | null> {
  const sums = new Map<string, { received: Sum; spans: EstimateSum; bytes: EstimateSum }>();
  for (const part of parts) {
    if (team !== null && part.group !== team) continue;
    const sum = sums.get(part.service) ?? emptySum();
    sums.set(part.service, sum);
    sum.spans.add(part.spans);
    sum.bytes.add(part.bytes);
    add(sum.received, part.receivedSpans, part.receivedBytes);
  }
  return new Map(
    [...sums].map(([service, { received, spans, bytes }]) => {
      const certain = received.bytes * prices.perByte + received.spans * prices.perSpan;
      return [service, intervalOf(costEstimate({ spans, bytes }, prices), certain)];
    }),
  );
}

function emptySum(): { received: Sum; spans: EstimateSum; bytes: EstimateSum } {
  return { received: { spans: 0, bytes: 0 }, spans: new EstimateSum(), bytes: new EstimateSum() };
}

/** What of a service is a team's, 0 to 1; 1 for team null. */
export function shareOf({ services }: PeriodCosts, service: string, team: string | null): Used {
  const whole = services.get(service);
  if (team === null || whole === undefined) return { spans: 1, bytes: 1 };
  const own = whole.byTeam.get(team) ?? { spans: 0, bytes: 0 };
  const ratio = (part: number, of: number): number => (of === 0 ? 0 : part / of);
  return { spans: ratio(own.spans, whole.spans), bytes: ratio(own.bytes, whole.bytes) };
}

/** Attributes with what they are estimated to be, together; errors of attributes of one service go the same way. */
export class AttributeBytes {
  readonly sum = new EstimateSum();
  private received = 0;

  constructor(private readonly period: PeriodCosts) {}

  add(row: Pick<WeekRow, 'service' | 'environment' | 'observations' | 'bytes'>): this {
    const usage = this.period.byPlace.get(placeOf(row));
    const part = { group: '', observations: row.observations, bytes: row.bytes };
    if (usage === undefined) this.sum.addScaled(row.bytes, null, 1);
    else addBytesOfPart(usage, part, this.sum, 1);
    this.received += row.bytes;
    return this;
  }

  at(perByte: number): Amount {
    const priced = times(this.sum, perByte);
    return { amount: priced.value, interval: intervalOf(priced, this.received * perByte) };
  }
}
