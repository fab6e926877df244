import type { Interval } from '../engine/model/interval.js';
import type { Policy, PolicyVersion, SampleAction } from '../engine/model/policy.js';
import type { PriceModel } from '../engine/model/price-model.js';
import type { CriticalRoute, SamplingBudget, SamplingStage } from '../engine/model/sampling.js';
import {
  effectOf,
  lackOfEvidence,
  proposeRates,
  type SamplingEffect,
  thinOperations,
} from '../engine/policy/sampling-proposal.js';
import {
  estimateTraffic,
  minus,
  type OperationEstimate,
  scaled,
  slowLimit,
  TRACE_CLASSES,
  total,
  trafficOf,
  type Volume,
} from '../engine/policy/sampling-traffic.js';
import type { Window } from './ports.js';
import { limitOf, MONTH_S, ScopePrice } from './sampling-limit.js';
import { countedTraffic, inForceOf, type SamplingScope, type TrafficSources } from './sampling-traffic.js';

/** What somebody wants of a sampling policy. */
export interface SamplingWish extends SamplingScope {
  readonly stage: SamplingStage;
  readonly budget: SamplingBudget;
  readonly keepErrors: boolean;
  /** What lasts longer than this share of traces without errors is kept, in percent; null for no such rule. */
  readonly slowPercentile: number | null;
  /** The limit itself, in its place; null for none. */
  readonly slowerThanMs: number | null;
  readonly critical: readonly CriticalRoute[];
  readonly floor: number;
  readonly adaptive: boolean;
}

export interface ProposalSources extends TrafficSources {
  readonly approved: readonly PolicyVersion[];
  /** That money is in: of the budget, or else the one that is configured. */
  readonly model: PriceModel | null;
}

export interface Money {
  readonly value: number;
  /** Of 95 %, for chance in what was counted. */
  readonly interval: Interval;
  readonly currency: string;
}

export interface Proposal {
  readonly window: Window;
  readonly seconds: number;
  readonly verdict: 'proposed' | 'nothing_to_drop' | 'floor_is_too_much' | 'insufficient_evidence';
  /** Why it is not `proposed`, in words; '' where it is. */
  readonly reason: string;
  /** Null where there is not enough evidence. */
  readonly action: SampleAction | null;
  readonly effect: SamplingEffect | null;
  readonly operations: readonly ProposedOperation[];
  /** By the month of 30 days, if the traffic goes on as it was. */
  readonly saving: { readonly spans: number; readonly bytes: number; readonly money: Money | null } | null;
  readonly cost: { readonly before: number; readonly after: number; readonly currency: string } | null;
  readonly notes: readonly string[];
}

export interface ProposedOperation {
  readonly service: string;
  /** '' for all that cannot be named. */
  readonly operation: string;
  /** Traces that were counted in the window. */
  readonly seen: number;
  readonly offered: Volume;
  readonly kept: Volume;
  readonly probability: number;
  readonly evidence: 'sufficient' | 'insufficient';
}

/** Operations that an answer shows: those with the most spans. */
const MAX_SHOWN = 200;

/** The policy that keeps a budget with the smallest loss, by the traffic of a window, and what it would do to it. */
export async function proposeSampling(
  tenant: string,
  wish: SamplingWish,
  window: Window,
  sources: ProposalSources,
): Promise<Proposal> {
  const { stage, budget, floor } = wish;
  const { operations, seconds } = await countedTraffic(tenant, wish, window, sources);
  const inForce = inForceOf(stage, sources.approved, sources.tap, wish.environment);
  const isAsked = stage === 'tail' && wish.slowerThanMs === null && wish.slowPercentile !== null;
  const found = isAsked ? slowLimit(operations, wish.slowPercentile, inForce) : wish.slowerThanMs;
  const keep = { errors: wish.keepErrors, slowerThanMs: stage === 'tail' ? found : null, critical: wish.critical };
  const estimates = estimateTraffic(operations, keep, stage, inForce);
  const blank = { window, seconds, action: null, effect: null, operations: [], saving: null, cost: null, notes: [] };
  const lack = lackOfEvidence(estimates, seconds);
  if (lack !== '') return { ...blank, verdict: 'insufficient_evidence', reason: lack };
  const month = MONTH_S / seconds;
  const offered = scaled(totalOf(estimates), month);
  const price = await priceOf(tenant, window, seconds, offered, sources);
  const limit = limitOf(budget, price, offered);
  if (limit === null) {
    const reason = 'the price model charges nothing for spans or bytes, so dropping them saves no money';
    return { ...blank, verdict: 'insufficient_evidence', reason };
  }
  const traffic = trafficOf(estimates, seconds, limit.unit);
  const { isWithin, ...rates } = proposeRates(traffic, stage, limit.perSecond, floor);
  const effect = effectOf(estimates, rates);
  const { environment, adaptive } = wish;
  const common = { kind: 'sample' as const, stage, environment, keep, floor, budget, adaptive };
  const isAll = effect.kept.spans >= effect.offered.spans;
  return {
    ...{ window, seconds, effect, action: { ...common, ...rates } },
    verdict: !isWithin ? 'floor_is_too_much' : isAll ? 'nothing_to_drop' : 'proposed',
    reason: !isWithin ? FLOOR : isAll ? 'all of the traffic is within the budget' : '',
    operations: shown(estimates, rates),
    ...moneyOf(effect, month, price),
    notes: notesOf(wish, estimates),
  };
}

const FLOOR = 'the budget is less than what is always kept and the floor of everything else';

/** The policy of an action, whoever proposes it. One of the same name is another version of it. */
export function samplingPolicy(
  name: string,
  services: readonly string[],
  action: SampleAction,
  about: { readonly title?: string | undefined; readonly reason?: string | undefined },
): Policy {
  return {
    cause: `sampling ${action.stage} ${name}`,
    title: about.title ?? titleOf(services, action),
    reason: about.reason ?? '',
    ...{ location: 'span', key: 'trace_id', services: [...services].sort(), findings: [] },
    action,
  };
}

const STAGE_WORDS = { sdk: 'in SDKs', collector: 'in collectors', tail: 'of complete traces' } as const;

function titleOf(services: readonly string[], { stage, environment }: SampleAction): string {
  const whose =
    services.length === 0 ? '' : ` of ${services.length === 1 ? services[0] : `${services.length} services`}`;
  return `Sample traces${whose} ${STAGE_WORDS[stage]}${environment === '' ? '' : ` in ${environment}`}`;
}

function totalOf(estimates: readonly OperationEstimate[]): Volume {
  return total(estimates.flatMap(({ classes }) => TRACE_CLASSES.map((name) => classes[name])));
}

type Price = { readonly model: PriceModel; readonly scope: ScopePrice } | null;

async function priceOf(
  tenant: string,
  window: Window,
  seconds: number,
  offered: Volume,
  { model, usage }: ProposalSources,
): Promise<Price> {
  if (model === null) return null;
  const used = await usage.usage(tenant, window);
  const factor = MONTH_S / seconds;
  const all = {
    spans: factor * used.reduce((sum, row) => sum + row.spans, 0),
    bytes: factor * used.reduce((sum, row) => sum + row.bytes, 0),
  };
  return { model, scope: new ScopePrice(model, all, offered) };
}

function moneyOf(
  { offered, kept, error }: SamplingEffect,
  month: number,
  price: Price,
): Pick<Proposal, 'saving' | 'cost'> {
  const [before, after] = [scaled(offered, month), scaled(kept, month)];
  const dropped = minus(before, after);
  const saving = { spans: dropped.spans, bytes: dropped.bytes };
  if (price === null) return { saving: { ...saving, money: null }, cost: null };
  const { currency } = price.model;
  const saved = (share: number): number =>
    price.scope.costOf(before) - price.scope.costOf(minus(before, scaled(dropped, Math.min(1, share))));
  const interval = { low: saved(Math.max(0, 1 - error)), high: saved(1) * (1 + error) };
  return {
    saving: { ...saving, money: { value: saved(1), interval, currency } },
    cost: { before: price.scope.costOf(before), after: price.scope.costOf(after), currency },
  };
}

function shown(estimates: readonly OperationEstimate[], rates: Parameters<typeof effectOf>[1]): ProposedOperation[] {
  const thin = new Set(thinOperations(estimates));
  const list = estimates.map((one): ProposedOperation => {
    const { service, operation, seen } = one;
    const { offered, kept } = effectOf([one], rates);
    const ordinary = one.classes.ordinary;
    const always = offered.traces - ordinary.traces;
    const probability = ordinary.traces <= 0 ? 1 : Math.min(1, (kept.traces - always) / ordinary.traces);
    const evidence = thin.has(one) ? 'insufficient' : 'sufficient';
    return { service, operation, seen, offered, kept, probability: Number(probability.toPrecision(6)), evidence };
  });
  return list.sort((a, b) => b.offered.spans - a.offered.spans).slice(0, MAX_SHOWN);
}

function notesOf({ critical, stage }: SamplingWish, estimates: readonly OperationEstimate[]): string[] {
  const roots = new Set(estimates.map(({ operation }) => operation));
  const inside = critical.filter((route) => route.kind !== 'name' || !roots.has(route.name)).length;
  const thin = thinOperations(estimates).length;
  return [
    ...(inside > 0 && stage === 'tail'
      ? [
          `${inside} critical routes are no root spans: how many traces go through them is not known, and they come on top`,
        ]
      : []),
    ...(thin > 0 ? [`${thin} operations have too few traces to say something of them, and are kept whole`] : []),
  ];
}
