import { allocate, type EstimatedCosts, type GroupUsage } from '../engine/cost/allocate.js';
import { plus } from '../engine/cost/estimate.js';
import { mostBytes, usageByPart } from '../engine/cost/parts.js';
import type { DatedSplit } from '../engine/cost/shared.js';
import {
  calibrateUsage,
  type ExactCount,
  estimateUsage,
  type SampledUsage,
  type UsageEstimate,
  type UsagePart,
} from '../engine/cost/usage-estimate.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { CostGroup } from './costs.js';
import type { UsageStore, Window } from './ports.js';
import { type TeamPart, usageByTeam } from './team-usage.js';

/** The row for bytes that are no attribute: ids, times, names, framing. */
const STRUCTURE = '(span structure)';
const OTHER_NAMES = '(other span names)';
/** Row for the groups beyond those with the most bytes. */
const OTHERS = '(others)';
const MAX_GROUPS = 5_000;
const DAY = 86_400_000;

/** What was counted exactly elsewhere; service '' is all of them together. */
export interface Counter extends ExactCount {
  readonly service: string;
  readonly window: Window;
}

export interface ServiceParts {
  readonly service: string;
  readonly environment: string;
  readonly parts: readonly UsagePart[];
}

export interface SampledUsageStore extends UsageStore {
  sampledUsage(tenant: string, window: Window): Promise<SampledUsage[]>;
  /** Attributes, where they stand, or span names, by service and environment. */
  parts(tenant: string, window: Window, of: 'attribute' | 'location' | 'span_name'): Promise<ServiceParts[]>;
  /** How costs of services are shared, all times. */
  splits(tenant: string): Promise<DatedSplit[]>;
  /** Probability of a trace to be kept by service; '' for the services that are not there. */
  samplingRatios(tenant: string): Promise<Map<string, number>>;
  counters(tenant: string, within: Window): Promise<Counter[]>;
}

export interface CostAnswer extends EstimatedCosts {
  /** How the figures came about, in words. */
  readonly basis: string;
}

export interface TeamCosts {
  readonly costs: CostAnswer;
  readonly estimates: readonly UsageEstimate[];
  readonly parts: readonly TeamPart[];
}

/** Estimates the usage of a window by group, and prices it; at most 5,000 groups, the last of them for all others. */
export async function estimatedCosts(
  tenant: string,
  window: Window,
  group: CostGroup | 'span_name',
  store: SampledUsageStore,
  models: readonly PriceModel[],
): Promise<CostAnswer> {
  if (group === 'team') return (await costsByTeam(tenant, window, store, models)).costs;
  const [{ estimates, basis }, parts] = await Promise.all([
    estimatedUsage(tenant, window, store),
    group === 'attribute' || group === 'location' || group === 'span_name' ? store.parts(tenant, window, group) : [],
  ]);
  return { ...priced(groups(group, estimates, parts), window, models), basis };
}

/** Costs by team, with the usage of services and what of it is each team's: what reports and `/costs` have in common. */
export async function costsByTeam(
  tenant: string,
  window: Window,
  store: SampledUsageStore,
  models: readonly PriceModel[],
): Promise<TeamCosts> {
  const { estimates, probabilityOf, basis } = await estimatedUsage(tenant, window, store);
  const parts = await usageByTeam(tenant, window, estimates, probabilityOf, store);
  return { costs: { ...priced(parts, window, models), basis }, estimates, parts };
}

function priced(usage: readonly GroupUsage[], { from, to }: Window, models: readonly PriceModel[]): EstimatedCosts {
  return allocate(mostBytes(usage, MAX_GROUPS, OTHERS), (to.getTime() - from.getTime()) / DAY, models);
}

export interface EstimatedUsage {
  readonly estimates: UsageEstimate[];
  /** The configured share of traces that a service sends; null where nobody said. */
  readonly probabilityOf: (service: string) => number | null;
  /** How the estimates came about, in words. */
  readonly basis: string;
}

/** What was used in a window, by service and environment. */
export async function estimatedUsage(
  tenant: string,
  window: Window,
  store: SampledUsageStore,
): Promise<EstimatedUsage> {
  const [received, ratios, counters] = await Promise.all([
    store.sampledUsage(tenant, window),
    store.samplingRatios(tenant),
    store.counters(tenant, window),
  ]);
  const probabilityOf = (service: string): number | null => ratios.get(service) ?? ratios.get('') ?? null;
  let estimates = received.map((row) => estimateUsage(row, probabilityOf(row.service)));
  const used = withoutOverlap(counters);
  for (const [first, ...others] of byPeriod(used)) {
    const rows = await store.sampledUsage(tenant, first!.window);
    const byService = new Map<string, SampledUsage[]>();
    for (const row of rows) byService.set(row.service, [...(byService.get(row.service) ?? []), row]);
    const counted = [first!, ...others].map((counter) => ({
      counter,
      rows: counter.service === '' ? rows : (byService.get(counter.service) ?? []),
    }));
    const calibrated = counted.flatMap(({ counter, rows: own }) => calibrateUsage(own, counter, probabilityOf));
    const was = counted.flatMap(({ rows: own }) => own);
    estimates = corrected(estimates, received, was, calibrated, probabilityOf);
  }
  return { estimates, probabilityOf, basis: basisOf(received, probabilityOf, used.length) };
}

/** In the window, what was estimated of the counter's period gives way to what is calibrated. */
function corrected(
  estimates: readonly UsageEstimate[],
  received: readonly SampledUsage[],
  rows: readonly SampledUsage[],
  calibrated: readonly UsageEstimate[],
  probabilityOf: (service: string) => number | null,
): UsageEstimate[] {
  const change = new Map(calibrated.map((row, i) => [nameOf(row), { row, was: rows[i]! }]));
  return estimates.map((estimate, i) => {
    const found = change.get(nameOf(estimate));
    if (found === undefined) return estimate;
    const { row, was } = found;
    // All of it lies in the counter's period: nothing is left of the estimate, nor of what it does not know.
    if (was.spans === received[i]!.spans) return row;
    const before = estimateUsage(was, probabilityOf(was.service));
    return {
      ...estimate,
      spans: plus(plus(estimate.spans, before.spans, -1), row.spans),
      bytes: plus(plus(estimate.bytes, before.bytes, -1), row.bytes),
    };
  });
}

/** Counters of single services before those of all; one that says something on a time and service again is left out. */
function withoutOverlap(counters: readonly Counter[]): Counter[] {
  const byService = new Map<string, Counter[]>();
  const isFree = (list: readonly Counter[], { window }: Counter): boolean =>
    list.every((other) => other.window.to <= window.from || other.window.from >= window.to);
  for (const counter of [...counters].sort((a, b) => Number(a.service === '') - Number(b.service === ''))) {
    const own = byService.get(counter.service) ?? [];
    const others = counter.service === '' ? [...byService.values()].flat() : own;
    if (isFree(others, counter)) byService.set(counter.service, [...own, counter]);
  }
  return [...byService.values()].flat();
}

function byPeriod(counters: readonly Counter[]): Counter[][] {
  const periods = new Map<string, Counter[]>();
  for (const counter of counters) {
    const period = `${counter.window.from.getTime()} ${counter.window.to.getTime()}`;
    const list = periods.get(period);
    if (list === undefined) periods.set(period, [counter]);
    else list.push(counter);
  }
  return [...periods.values()];
}

function groups(
  group: Exclude<CostGroup, 'team'> | 'span_name',
  estimates: readonly UsageEstimate[],
  parts: readonly ServiceParts[],
): GroupUsage[] {
  if (group === 'service') return estimates.map((row) => ({ ...row, group: row.service }));
  if (group === 'environment') return estimates.map((row) => ({ ...row, group: row.environment }));
  const byService = new Map(parts.map((row) => [nameOf(row), row.parts]));
  const rows = estimates.map((usage) => ({ usage, parts: byService.get(nameOf(usage)) ?? [] }));
  const countsSpans = group === 'span_name';
  return usageByPart(rows, countsSpans ? OTHER_NAMES : STRUCTURE, countsSpans);
}

function nameOf({ service, environment }: { service: string; environment: string }): string {
  return `${service}\0${environment}`;
}

function basisOf(
  received: readonly SampledUsage[],
  probabilityOf: (service: string) => number | null,
  counters: number,
): string {
  const sum = (of: (row: SampledUsage) => number): number => received.reduce((total, row) => total + of(row), 0);
  const spans = sum((row) => row.spans);
  if (spans === 0) return 'no spans were received';
  const weighed = sum((row) => row.weighedSpans);
  const configured = sum((row) => (probabilityOf(row.service) === null ? 0 : row.spans - row.weighedSpans));
  const percent = (part: number): string => `${Math.round((1000 * part) / spans) / 10} % of spans`;
  const said = [
    ...(weighed > 0 ? [`${percent(weighed)} scaled by the sampling threshold in their tracestate`] : []),
    ...(configured > 0 ? [`${percent(configured)} scaled by a configured ratio`] : []),
    ...(spans > weighed + configured
      ? [`${percent(spans - weighed - configured)} as received, since nothing says how they were sampled`]
      : []),
    ...(counters > 0 ? [`calibrated to ${counters} exact ${counters === 1 ? 'counter' : 'counters'}`] : []),
  ];
  return said.join('; ');
}
