import { allocate, type GroupUsage } from '../engine/cost/allocate.js';
import { type Budget, type BudgetAlert, nextAlerts, reached } from '../engine/cost/budget.js';
import { EXACTLY_ZERO, type Interval, intervalOf, plus, times } from '../engine/cost/estimate.js';
import { type Forecast, forecastMonth, meanOf } from '../engine/cost/forecast.js';
import { pricesAt } from '../engine/cost/price.js';
import type { PriceModel } from '../engine/model/price-model.js';
import { estimatedUsage, type SampledUsageStore } from './estimated-costs.js';
import type { Window } from './ports.js';
import { usageByTeam } from './team-usage.js';

const DAY = 86_400_000;

/** A calendar month of a time zone at a moment in it. */
export interface Month {
  /** YYYY-MM */
  readonly name: string;
  readonly window: Window;
  readonly now: Date;
  /** Whole days before the one of `now`, also of the month before, the latest last. */
  readonly days: readonly Window[];
}

/** How a budget stands. */
export interface BudgetState {
  readonly month: Month;
  readonly spent: { readonly value: number; readonly interval: Interval | null };
  readonly forecast: Forecast;
  /** Percent. */
  readonly reached: { readonly actual: readonly number[]; readonly forecast: readonly number[] };
  /** Whether the team used anything this month. */
  readonly hasUsage: boolean;
  /** How the figures came about, in words. */
  readonly basis: string;
}

/** Usage of teams in a window, and that of other environments, which shares the prices. */
interface TeamsUsage {
  readonly window: Window;
  readonly teams: ReadonlyMap<string, GroupUsage>;
  /** Of all teams and environments. */
  readonly all: readonly GroupUsage[];
  readonly basis: string;
}

/**
 * How budgets stand, in their order; undefined for one whose price model is not there. What is spent comes from the same
 * sums as costs by team; the forecast is what these are expected to say of the whole month.
 */
export async function budgetStates(
  tenant: string,
  budgets: readonly Budget[],
  month: Month,
  store: SampledUsageStore,
  models: ReadonlyMap<string, PriceModel>,
): Promise<(BudgetState | undefined)[]> {
  const read = remembering(store);
  const byEnvironment = new Map<string, Evidence>();
  for (const environment of new Set(budgets.map((budget) => budget.environment))) {
    const soFar = await usageOf(tenant, { from: month.window.from, to: month.now }, environment, read);
    const days: TeamsUsage[] = [];
    for (const day of month.days) days.push(await usageOf(tenant, day, environment, read));
    byEnvironment.set(environment, { soFar, days });
  }
  return budgets.map((budget) => {
    const model = models.get(budget.priceModel);
    if (budget.unit === 'money' && model === undefined) return undefined;
    return stateOf(budget, month, byEnvironment.get(budget.environment)!, model);
  });
}

interface Evidence {
  readonly soFar: TeamsUsage;
  readonly days: readonly TeamsUsage[];
}

function stateOf(budget: Budget, month: Month, evidence: Evidence, model: PriceModel | undefined): BudgetState {
  const { team, amount } = budget;
  const { soFar } = evidence;
  const usage = soFar.teams.get(team) ?? NOTHING;
  const row =
    model === undefined ? undefined : allocate(soFar.all, daysIn(soFar.window), [model]).rows.find(isOf(soFar, team));
  const spent =
    model === undefined
      ? { value: usage.bytes.value, interval: intervalOf(usage.bytes, usage.receivedBytes) }
      : { value: row?.cost ?? 0, interval: row === undefined ? NOTHING_SPENT : row.costInterval };
  const forecast = forecastOf(team, usage, month, evidence, model);
  const expected = forecast.verdict === 'estimated' ? forecast.value : 0;
  return {
    ...{ month, spent, forecast, basis: soFar.basis, hasUsage: soFar.teams.has(team) },
    reached: {
      actual: reached(spent.value, amount, budget.actualThresholds),
      forecast: forecast.verdict === 'estimated' ? reached(expected, amount, budget.forecastThresholds) : [],
    },
  };
}

const NOTHING_SPENT: Interval = { low: 0, high: 0 };
const NOTHING: GroupUsage = {
  ...{ group: '', receivedSpans: 0, receivedBytes: 0 },
  ...{ spans: EXACTLY_ZERO, bytes: EXACTLY_ZERO },
};

function isOf({ teams }: TeamsUsage, team: string) {
  return ({ group }: { readonly group: string }): boolean => group === team && teams.has(team);
}

/** Prices are those of the whole month, at what is expected of all teams together. */
function forecastOf(
  team: string,
  usage: GroupUsage,
  { window, now }: Month,
  { soFar, days }: Evidence,
  model: PriceModel | undefined,
): Forecast {
  const left = (window.to.getTime() - now.getTime()) / DAY;
  const expected = (of: 'bytes' | 'spans'): number =>
    sumOf(soFar.all, of) + left * meanOf(days.map(({ all }) => sumOf(all, of)));
  const prices =
    model === undefined
      ? { perByte: 1, perSpan: 0 }
      : pricesAt({ bytes: expected('bytes'), spans: expected('spans'), days: daysIn(window) }, model);
  const worth = ({ bytes, spans }: GroupUsage) => plus(times(bytes, prices.perByte), spans, prices.perSpan);
  const first = days.findIndex((day) => day.teams.has(team));
  const known = first < 0 ? [] : days.slice(first);
  const spentDays = known.map((day) => worth(day.teams.get(team) ?? NOTHING).value);
  return forecastMonth(worth(usage), spentDays, left);
}

function sumOf(rows: readonly GroupUsage[], of: 'bytes' | 'spans'): number {
  return rows.reduce((sum, row) => sum + row[of].value, 0);
}

function daysIn({ from, to }: Window): number {
  return (to.getTime() - from.getTime()) / DAY;
}

/** Group of what is in other environments; no team has an empty name. */
const ELSEWHERE = '';

async function usageOf(
  tenant: string,
  window: Window,
  environment: string,
  store: SampledUsageStore,
): Promise<TeamsUsage> {
  const { estimates, probabilityOf, basis } = await estimatedUsage(tenant, window, store);
  const isInside = (row: { environment: string }): boolean => environment === '' || row.environment === environment;
  const inside = estimates.filter(isInside);
  const rows = await usageByTeam(tenant, window, inside, probabilityOf, store);
  const elsewhere = estimates.filter((row) => !isInside(row)).map((row) => ({ ...row, group: ELSEWHERE }));
  const teams = new Map<string, GroupUsage>();
  for (const row of rows) {
    const known = teams.get(row.group);
    teams.set(row.group, known === undefined ? row : added(known, row));
  }
  return { window, teams, all: [...rows, ...elsewhere], basis };
}

function added(a: GroupUsage, b: GroupUsage): GroupUsage {
  return {
    group: a.group,
    receivedSpans: a.receivedSpans + b.receivedSpans,
    receivedBytes: a.receivedBytes + b.receivedBytes,
    spans: plus(a.spans, b.spans),
    bytes: plus(a.bytes, b.bytes),
  };
}

/** A store that is asked once for what does not depend on the window. */
function remembering(store: SampledUsageStore): SampledUsageStore {
  const once = <T>(ask: (tenant: string) => Promise<T>): ((tenant: string) => Promise<T>) => {
    let answer: Promise<T> | undefined;
    return (tenant) => {
      answer ??= ask(tenant);
      return answer;
    };
  };
  return Object.assign(Object.create(store) as SampledUsageStore, {
    services: once((tenant) => store.services(tenant)),
    assignments: once((tenant) => store.assignments(tenant)),
    splits: once((tenant) => store.splits(tenant)),
    samplingRatios: once((tenant) => store.samplingRatios(tenant)),
  });
}

/** What of the store the alerts of budgets need. */
export interface BudgetStore {
  budgets(tenant: string): Promise<readonly Budget[]>;
  /**
   * Writes the alerts of a budget in a month in the place of those that are there, while no other process does.
   *
   * @returns how many are raised now that were not before
   */
  observe(
    tenant: string,
    budget: Budget,
    month: string,
    next: (known: readonly BudgetAlert[]) => readonly BudgetAlert[],
  ): Promise<number>;
}

/** Looks at all budgets; gives the number of alerts that are new. */
export async function watchBudgets(
  tenant: string,
  month: Month,
  budgets: BudgetStore,
  usage: SampledUsageStore,
  models: ReadonlyMap<string, PriceModel>,
): Promise<number> {
  const all = await budgets.budgets(tenant);
  const states = await budgetStates(tenant, all, month, usage, models);
  let raised = 0;
  for (const [i, budget] of all.entries()) {
    const state = states[i];
    if (state === undefined) continue;
    const expected = state.forecast.verdict === 'estimated' ? state.forecast.value : null;
    const next = (known: readonly BudgetAlert[]): BudgetAlert[] =>
      nextAlerts(known, budget, state.spent.value, expected, month.now.getTime());
    raised += await budgets.observe(tenant, budget, month.name, next);
  }
  return raised;
}
