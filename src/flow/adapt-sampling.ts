import type { PolicyVersion } from '../engine/model/policy.js';
import type { PriceModel } from '../engine/model/price-model.js';
import { QuantileSketch } from '../engine/model/quantile-sketch.js';
import type { SamplingBudget } from '../engine/model/sampling.js';
import { type AdaptMemory, NO_MEMORY } from '../engine/policy/adapt-memory.js';
import { type Adapted, adaptRates } from '../engine/policy/adapt-rates.js';
import type { SamplingRates } from '../engine/policy/sampling-budget.js';
import { rateChanges } from '../engine/policy/sampling-proposal.js';
import { isSampling, type SamplingVersion } from '../engine/policy/sampling-rules.js';
import {
  estimateTraffic,
  type OperationEstimate,
  type OperationTraces,
  scaled,
  TRACE_CLASSES,
  total,
} from '../engine/policy/sampling-traffic.js';
import { limitOf, MONTH_S, ScopePrice } from './sampling-limit.js';
import { countedTraffic, inForceOf, type TrafficSources } from './sampling-traffic.js';

/** Traces that were counted of operations since the beginning of an hour: numbers that only grow. */
export interface TrafficSnapshot {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: number;
  readonly operations: readonly CountedOperation[];
}

type CountedOperation = Omit<OperationTraces, 'okDurations' | 'weight'> & {
  /** Traces that those that were counted stand for. */
  readonly weighed: number;
  /** Traces without errors that last longer than the policy's limit. */
  readonly slow: number;
};

/** What the job keeps of a policy between rounds. */
export interface AdaptState {
  readonly version: number;
  readonly memory: AdaptMemory;
  readonly snapshot: TrafficSnapshot;
}

export type AdaptOutcome = Adapted['outcome'] | 'no_price';

export interface RateChange {
  readonly service: string;
  /** '' for those that are not listed. */
  readonly operation: string;
  readonly from: number;
  readonly to: number;
}

/** A round of a policy. */
export interface AdaptedPolicy {
  readonly id: string;
  readonly state: AdaptState;
  readonly outcome: AdaptOutcome;
  readonly reason: string;
  /** Null where they stay as they are. */
  readonly rates: SamplingRates | null;
  readonly changes: readonly RateChange[];
}

export interface AdaptStore {
  /** By the id of the policy. */
  states(tenant: string): Promise<ReadonlyMap<string, AdaptState>>;
  /** All of it or nothing; says whether it was saved, which it is not where another process was first. */
  save(tenant: string, before: AdaptState | null, round: AdaptedPolicy, now: Date): Promise<boolean>;
}

const HOUR = 3_600_000;
/** Rounds are at least and at most so far apart; after a longer pause counting begins anew. */
const SHORTEST_MS = 20_000;
const LONGEST_MS = 15 * 60_000;

/**
 * One round of every approved policy whose probabilities follow the traffic.
 *
 * @param approved with the probabilities that are in force
 * @param modelOf by id; undefined for one that is not there or has no prices
 */
export async function adaptSampling(
  tenant: string,
  now: Date,
  approved: readonly PolicyVersion[],
  sources: TrafficSources,
  store: AdaptStore,
  modelOf: (id: string) => PriceModel | undefined,
): Promise<AdaptedPolicy[]> {
  const adaptive = approved.filter(isSampling).filter(({ policy }) => policy.action.adaptive);
  if (adaptive.length === 0) return [];
  const states = await store.states(tenant);
  const rounds: AdaptedPolicy[] = [];
  for (const version of adaptive) {
    const { budget } = version.policy.action;
    const known = states.get(version.id);
    const before = known?.version === version.version ? known : null;
    if (budget === null || (before !== null && now.getTime() - before.snapshot.at < SHORTEST_MS)) continue;
    const round = await roundOf(tenant, now, version, budget, before, approved, sources, modelOf);
    if (await store.save(tenant, known ?? null, round, now)) rounds.push(round);
  }
  return rounds;
}

async function roundOf(
  tenant: string,
  now: Date,
  version: SamplingVersion,
  budget: SamplingBudget,
  before: AdaptState | null,
  approved: readonly PolicyVersion[],
  sources: TrafficSources,
  modelOf: (id: string) => PriceModel | undefined,
): Promise<AdaptedPolicy> {
  const { id, policy } = version;
  const { action, services } = policy;
  const { environment, keep, stage, floor, operations, otherwise } = action;
  const scope = { services, environment };
  // Traces count in the hour in which they begin, and the hour before may still grow.
  const hour = Math.floor(now.getTime() / HOUR) * HOUR;
  const latest = before?.snapshot.from ?? hour - HOUR;
  const isLost = before === null || now.getTime() - before.snapshot.at > LONGEST_MS;
  const from = isLost ? hour - HOUR : latest;
  const read = async (start: number): Promise<TrafficSnapshot> => {
    const counted = await countedTraffic(tenant, scope, { from: new Date(start), to: now }, sources);
    return { at: now.getTime(), from: start, operations: counted.operations.map(countsOf(keep.slowerThanMs)) };
  };
  const current = await read(from);
  const next = from === hour - HOUR ? current : await read(hour - HOUR);
  const begin = (memory: AdaptMemory): AdaptState => ({ version: version.version, memory, snapshot: next });
  if (isLost) {
    const reason = 'counting begins with this round';
    return { id, outcome: 'insufficient_evidence', reason, rates: null, changes: [], state: begin(NO_MEMORY) };
  }
  const seconds = (now.getTime() - before.snapshot.at) / 1000;
  const counted = growth(before.snapshot, current, keep.slowerThanMs);
  const inForce = inForceOf(stage, approved, sources.tap, environment);
  const found = estimateTraffic(counted, keep, stage, inForce);
  const estimates = stage === 'collector' ? together(found) : found;
  const offered = scaled(total(found.flatMap(({ classes }) => Object.values(classes))), MONTH_S / seconds);
  const model = budget.kind === 'money_per_month' ? modelOf(budget.priceModel) : undefined;
  const price = model === undefined ? null : { model, scope: new ScopePrice(model, offered, offered) };
  const limit = limitOf(budget, price, offered);
  if (limit === null) {
    const reason = 'the price model of the budget is gone, or charges nothing for spans and bytes';
    return { id, outcome: 'no_price', reason, rates: null, changes: [], state: begin(before.memory) };
  }
  const rates = { operations, otherwise };
  const adapted = adaptRates(before.memory, rates, { seconds, estimates }, { ...limit, stage, floor });
  const { outcome, reason, memory } = adapted;
  const isChanged = outcome === 'changed';
  return {
    ...{ id, outcome, reason, state: begin(memory) },
    rates: isChanged ? adapted.rates : null,
    changes: isChanged ? rateChanges(rates, adapted.rates) : [],
  };
}

function countsOf(limit: number | null): (traces: OperationTraces) => CountedOperation {
  return ({ okDurations, weight, ...counts }) => ({
    ...counts,
    ...{ weighed: counts.traces * weight, slow: limit === null ? 0 : okDurations.countAbove(limit) },
  });
}

/** What was counted between two snapshots that begin at the same time. */
function growth(before: TrafficSnapshot, after: TrafficSnapshot, limit: number | null): OperationTraces[] {
  const known = new Map(before.operations.map((one) => [`${one.service}\0${one.operation}`, one]));
  return after.operations.flatMap((one) => {
    const was = known.get(`${one.service}\0${one.operation}`);
    const more = (of: keyof typeof NUMBERS): number => Math.max(0, one[of] - (was?.[of] ?? 0));
    const traces = more('traces');
    if (traces <= 0) return [];
    const okDurations = new QuantileSketch();
    const slow = more('slow');
    const ok = Math.max(0, traces - more('errorTraces'));
    if (slow > 0 && limit !== null) okDurations.add(2 * limit, slow);
    if (ok > slow) okDurations.add((limit ?? 2) / 2, ok - slow);
    return [
      {
        ...{ service: one.service, operation: one.operation, traces, okDurations, weight: more('weighed') / traces },
        ...{ spans: more('spans'), spansSquared: more('spansSquared'), bytes: more('bytes') },
        ...{ errorTraces: more('errorTraces'), errorSpans: more('errorSpans') },
      },
    ];
  });
}

const NUMBERS = {
  ...{ traces: 0, spans: 0, spansSquared: 0, bytes: 0, errorTraces: 0, errorSpans: 0, weighed: 0, slow: 0 },
} satisfies { readonly [K in keyof CountedOperation]?: 0 };

/** A collector that knows trace ids alone has one probability for everything. */
function together(estimates: readonly OperationEstimate[]): OperationEstimate[] {
  if (estimates.length === 0) return [];
  const seen = estimates.reduce((sum, one) => sum + one.seen, 0);
  const sum = (name: (typeof TRACE_CLASSES)[number]) => total(estimates.map(({ classes }) => classes[name]));
  const classes = { error: sum('error'), slow: sum('slow'), critical: sum('critical'), ordinary: sum('ordinary') };
  const meanSquare = estimates.reduce((mean, one) => mean + (one.meanSquare * one.seen) / seen, 0);
  return [{ service: '', operation: '', seen, classes, meanSquare, weight: classes.ordinary.traces / seen }];
}
