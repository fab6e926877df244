import type { Policy, PolicyVersion } from '../engine/model/policy.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { SamplingBudget } from '../engine/model/sampling.js';
import { settle } from '../engine/policy/sampling-budget.js';
import { isSampling } from '../engine/policy/sampling-rules.js';
import { trafficOf } from '../engine/policy/sampling-traffic.js';
import type { RaisedAlert } from './budget-events.js';
import { servicesOf, teamsByService } from './costs.js';
import type { Window } from './ports.js';
import {
  type Proposal,
  type ProposalSources,
  proposeSampling,
  type SamplingWish,
  samplingPolicy,
} from './sampling-proposal.js';
import { countedTraffic } from './sampling-traffic.js';

/** Where suggestions go, and what is there. */
export interface SamplingSuggestions {
  /** Policies on sampling that are proposed or in force, with their causes. */
  known(tenant: string): Promise<readonly PolicyVersion[]>;
  offer(tenant: string, policy: Policy): Promise<unknown>;
  /** Takes a suggestion back that has no reason any more. */
  withdraw(tenant: string, cause: string): Promise<void>;
}

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Traffic below or of less time is left alone: there is little to save, and little to say. */
const LEAST_HOURS = 6;
const LEAST_SPANS_PER_SECOND = 10;
/** Of so few operations and so much of all spans it is said that they are most of the traffic. */
const FEW = 3;
const MOST = 0.8;
const KEPT_OF_MOST = 0.5;
/** A suggestion keeps one trace of ten at least. */
const FLOOR = 0.1;
const SLOW_PERCENTILE = 99;
const GB = 1e9;
const MONTH_DAYS = 30;

/**
 * Suggests sampling of complete traces where a budget of a team is exceeded, or where a few operations are most of the
 * traffic. Suggestions are conservative: errors and the slow tail stay, at least one trace of ten of everything else, and
 * probabilities do not change by themselves. Gives the number of policies offered.
 */
export async function suggestSampling(
  tenant: string,
  now: Date,
  alerts: readonly RaisedAlert[],
  modelOf: (id: string) => PriceModel | undefined,
  sources: Omit<ProposalSources, 'model'>,
  suggestions: SamplingSuggestions,
): Promise<number> {
  const window = { from: new Date(now.getTime() - DAY), to: now };
  const known = await suggestions.known(tenant);
  const wishes = [
    ...(await wishesOfBudgets(tenant, alerts, sources)),
    ...(await wishOfTraffic(tenant, window, sources, known)),
  ];
  const causes = new Set(wishes.map(({ name }) => causeOf(name)));
  let offered = 0;
  for (const { name, reason, wish } of wishes) {
    const model = wish.budget.kind === 'money_per_month' ? (modelOf(wish.budget.priceModel) ?? null) : null;
    const proposal = await proposeSampling(tenant, wish, window, { ...sources, model });
    if (!isWorthIt(proposal)) {
      causes.delete(causeOf(name));
      continue;
    }
    const policy = settled(samplingPolicy(name, wish.services, proposal.action, { reason }), proposal, known);
    await suggestions.offer(tenant, policy);
    offered++;
  }
  for (const { state, policy } of known) {
    const isOurs = policy.cause.startsWith(causeOf(PREFIX));
    if (isOurs && state === 'suggested' && !causes.has(policy.cause)) await suggestions.withdraw(tenant, policy.cause);
  }
  return offered;
}

interface Wish {
  readonly name: string;
  readonly reason: string;
  readonly wish: SamplingWish;
}

/** What begins the names of suggestions, so that those of people are left alone. */
const PREFIX = 'suggested: ';

function causeOf(name: string): string {
  return `sampling tail ${name}`;
}

function isWorthIt(proposal: Proposal): proposal is Proposal & { readonly action: object } {
  const { action, seconds, effect, verdict } = proposal;
  const isLong = seconds >= LEAST_HOURS * 3600;
  const isDropped = verdict === 'proposed' || verdict === 'floor_is_too_much';
  return (
    action !== null &&
    effect !== null &&
    isDropped &&
    isLong &&
    effect.offered.spans / seconds >= LEAST_SPANS_PER_SECOND
  );
}

async function wishesOfBudgets(
  tenant: string,
  alerts: readonly RaisedAlert[],
  { usage }: Omit<ProposalSources, 'model'>,
): Promise<Wish[]> {
  const exceeded = alerts.filter(({ threshold, value, budget }) => threshold >= 100 && value >= budget.amount);
  if (exceeded.length === 0) return [];
  const teams = await teamsByService(tenant, usage);
  const once = new Map(exceeded.map((alert) => [alert.budget.id, alert]));
  return [...once.values()].flatMap(({ budget, kind }) => {
    const { team, environment, amount, unit, priceModel, id } = budget;
    const services = servicesOf(team, teams) ?? [];
    if (services.length === 0) return [];
    const limit: SamplingBudget =
      unit === 'money'
        ? { kind: 'money_per_month', amount, priceModel }
        : { kind: 'gigabytes_per_day', amount: amount / GB / MONTH_DAYS };
    const reason = `The budget of team ${team} is ${kind === 'actual' ? 'spent' : 'expected to be exceeded'}.`;
    return [{ name: `${PREFIX}budget ${id}`, reason, wish: wishFor(limit, services, environment) }];
  });
}

/** Where policies on sampling are in force already, people have decided. */
async function wishOfTraffic(
  tenant: string,
  window: Window,
  sources: Omit<ProposalSources, 'model'>,
  known: readonly PolicyVersion[],
): Promise<Wish[]> {
  const isDecided = known.some(
    ({ policy, state }) => state !== 'suggested' || !policy.cause.startsWith(causeOf(PREFIX)),
  );
  if (isDecided) return [];
  const { operations, seconds } = await countedTraffic(tenant, { services: [], environment: '' }, window, sources);
  const all = operations.reduce((sum, one) => sum + one.spans * one.weight, 0);
  const named = operations.filter(({ operation }) => operation !== '');
  const most = [...named].sort((a, b) => b.spans * b.weight - a.spans * a.weight).slice(0, FEW);
  const share = most.reduce((sum, one) => sum + one.spans * one.weight, 0) / Math.max(1, all);
  if (share < MOST || operations.length <= FEW) return [];
  const amount = Number(((KEPT_OF_MOST * all) / seconds).toPrecision(2));
  const reason = `${most.length} of ${operations.length} operations begin ${Math.floor(100 * share)} % of all spans.`;
  const wish = wishFor({ kind: 'spans_per_second', amount }, [], '');
  return [{ name: `${PREFIX}traffic`, reason, wish }];
}

function wishFor(budget: SamplingBudget, services: readonly string[], environment: string): SamplingWish {
  return {
    ...{ stage: 'tail', services, environment, budget, keepErrors: true, critical: [] },
    ...{ slowPercentile: SLOW_PERCENTILE, slowerThanMs: null, floor: FLOOR, adaptive: false },
  };
}

/** Probabilities and the limit of slow traces stay as they were suggested as long as they are near. */
function settled(policy: Policy, { effect, seconds, operations }: Proposal, known: readonly PolicyVersion[]): Policy {
  const before = known.filter(isSampling).find((one) => one.policy.cause === policy.cause)?.policy.action;
  const { action } = policy;
  if (before === undefined || action.kind !== 'sample' || effect === null || action.budget === null) return policy;
  if (action.budget.kind !== before.budget?.kind) return policy;
  const estimates = operations.map(({ service, operation, seen, offered }) => ({
    ...{ service, operation, seen, meanSquare: 0, weight: 1 },
    classes: { error: NONE, slow: NONE, critical: NONE, ordinary: offered },
  }));
  const traffic = trafficOf(estimates, seconds, { perSpan: 1, perByte: 0 });
  const rates = settle(before, action, traffic, Number.POSITIVE_INFINITY);
  const near = (a: number, b: number): boolean => Math.max(a, b) <= 1.25 * Math.min(a, b);
  const limits = [before.keep.slowerThanMs, action.keep.slowerThanMs] as const;
  const isSameLimit = limits[0] !== null && limits[1] !== null && near(limits[0], limits[1]);
  const keep = isSameLimit ? before.keep : action.keep;
  const isSameBudget = near(before.budget.amount, action.budget.amount);
  const budget = isSameBudget ? before.budget : action.budget;
  return { ...policy, action: { ...action, keep, budget, operations: rates.operations, otherwise: rates.otherwise } };
}

const NONE = { traces: 0, spans: 0, bytes: 0 };
