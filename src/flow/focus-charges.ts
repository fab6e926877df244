import { allocate, type EstimatedRow, FIXED_CHARGES, type GroupUsage } from '../engine/cost/allocate.js';
import { type Estimate, times } from '../engine/cost/estimate.js';
import { UNOWNED } from '../engine/cost/ownership.js';
import type { UsageEstimate } from '../engine/cost/usage-estimate.js';
import type { FocusCharge } from '../engine/export/focus.js';
import type { PriceModel } from '../engine/model/price-model.js';
import { estimatedUsage, type SampledUsageStore } from './estimated-costs.js';
import type { Window } from './ports.js';
import { type TeamPart, usageByTeam } from './team-usage.js';

const DAY = 86_400_000;

/** What of a service's day is a team's. */
interface DayPart {
  readonly day: Window;
  readonly row: TeamPart;
}

/**
 * Charges by service, environment, team and day (UTC) of a window, by the owners and splits of each day; they add up to what `/costs` says of the window, since each
 * pays the average price of all of it. Rows in memory are days times services in environments.
 */
export async function focusCharges(
  tenant: string,
  window: Window,
  store: SampledUsageStore,
  models: readonly PriceModel[],
): Promise<FocusCharge[]> {
  const days = daysOf(window);
  const whole = await estimatedUsage(tenant, window, store);
  const usage: DayPart[] = [];
  for (const day of days) {
    const { estimates, probabilityOf } = await estimatedUsage(tenant, day, store);
    for (const row of await usageByTeam(tenant, day, estimates, probabilityOf, store)) usage.push({ day, row });
  }
  const fitted = fit(usage, whole.estimates);
  const groups = fitted.map(({ row }, i): GroupUsage => ({ ...row, group: String(i) }));
  const length = window.to.getTime() - window.from.getTime();
  const { rows } = allocate(groups, length / DAY, models);
  const common = {
    account: tenant,
    vendor: [...new Set(models.map(({ vendor }) => vendor))].join(' and '),
    currency: models[0]!.currency,
  };
  const charges = rows
    .filter(({ group }) => group !== FIXED_CHARGES)
    .map((row) => {
      const { day, row: of } = fitted[Number(row.group)]!;
      const { service, environment, group: team } = of;
      return { ...common, service, environment, team, ...figures(row, day, 1) };
    });
  const fixed = rows.find(({ group }) => group === FIXED_CHARGES);
  const shared = (fixed === undefined ? [] : days).map((day) => {
    const part = (day.to.getTime() - day.from.getTime()) / length;
    return { ...common, service: '', environment: '', team: UNOWNED, ...figures(fixed!, day, part) };
  });
  return [...charges, ...shared].sort(
    (a, b) => a.start - b.start || b.cost - a.cost || (nameOf(a) + a.team < nameOf(b) + b.team ? -1 : 1),
  );
}

/** Parts of the window by days of UTC. */
function daysOf({ from, to }: Window): Window[] {
  const days: Window[] = [];
  for (let start = from.getTime(); start < to.getTime(); ) {
    const end = Math.min(to.getTime(), (Math.floor(start / DAY) + 1) * DAY);
    days.push({ from: new Date(start), to: new Date(end) });
    start = end;
  }
  return days;
}

/** Exact counters may hold for several days: the days of a service are brought to what is known of all of them. */
function fit(usage: readonly DayPart[], whole: readonly UsageEstimate[]): DayPart[] {
  const sums = new Map<string, { spans: number; bytes: number }>();
  for (const { row } of usage) {
    const sum = sums.get(nameOf(row)) ?? { spans: 0, bytes: 0 };
    sums.set(nameOf(row), { spans: sum.spans + row.spans.value, bytes: sum.bytes + row.bytes.value });
  }
  const wholes = new Map(whole.map((row) => [nameOf(row), row]));
  const scaled = (part: Estimate, sum: number, to: number): Estimate => (sum === 0 ? part : times(part, to / sum));
  return usage.map(({ day, row }) => {
    const all = wholes.get(nameOf(row));
    if (all === undefined) return { day, row };
    const sum = sums.get(nameOf(row))!;
    const spans = scaled(row.spans, sum.spans, all.spans.value);
    return { day, row: { ...row, spans, bytes: scaled(row.bytes, sum.bytes, all.bytes.value) } };
  });
}

function figures(row: EstimatedRow, day: Window, part: number) {
  return {
    ...{ start: day.from.getTime(), end: day.to.getTime(), bytes: row.bytes, spans: row.spans, cost: row.cost * part },
    low: row.costInterval === null ? null : row.costInterval.low * part,
    high: row.costInterval === null ? null : row.costInterval.high * part,
  };
}

function nameOf({ service, environment }: { readonly service: string; readonly environment: string }): string {
  return `${service}\0${environment}`;
}
