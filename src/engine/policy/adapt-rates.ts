import { MAX_OPERATIONS, type SamplingStage } from '../model/sampling.js';
import {
  type AdaptMemory,
  type AdaptRound,
  evidence,
  keyOf,
  type OperationMemory,
  observe,
  trafficFrom,
} from './adapt-memory.js';
import { costOfRates, type OperationTraffic, rateLookup, type SamplingRates } from './sampling-budget.js';
import { LEAST_EVIDENCE, proposeRates, rateChanges } from './sampling-proposal.js';
import { costOf, LEAST_TRACES, TRACE_CLASSES, total, type UnitCost } from './sampling-traffic.js';

/*
 * Probabilities that follow the traffic. Traffic is smoothed, and a probability changes only when it was off by more than a
 * band, which is as wide as chance makes it, for some rounds; then by a bounded step. So noise moves nothing, and a step of
 * the load is followed in some minutes.
 */

export interface AdaptRules {
  readonly stage: SamplingStage;
  readonly unit: UnitCost;
  /** The budget, in that unit. */
  readonly perSecond: number;
  readonly floor: number;
}

/** What came of a round. `unchanged` has the rates themselves. */
export interface Adapted {
  readonly outcome: 'changed' | 'unchanged' | 'settling' | 'insufficient_evidence' | 'without_effect';
  readonly memory: AdaptMemory;
  readonly rates: SamplingRates;
  /** Why they changed, or why they cannot. */
  readonly reason: string;
}

const ROUNDS = 4;
/** Of a probability. */
const BAND = 0.25;
/** Of the budget. */
const TOLERANCE = 0.1;
const LOWER_BY = 4;
const RAISE_BY = 2;
/** SDKs ask once a minute, and a trace is counted some time after it began. */
const SETTLE_S = 120;
/** A change costs a collector a reload, and with it the traces that tail sampling has pending. */
const HOLD_S: Readonly<Record<SamplingStage, number>> = { sdk: SETTLE_S, collector: 1_800, tail: 1_800 };
const MOST_LOWERED = 3;
const EFFECT = 0.9;
const NARROW = 1e-9;

/**
 * One round; of the stage `collector` all operations come as one. Probabilities stay between floor and 1, and change only with evidence: to go down an operation needs traces, to
 * go up it is enough that the most traffic it can have, by what was seen, allows it.
 */
export function adaptRates(memory: AdaptMemory, current: SamplingRates, round: AdaptRound, rules: AdaptRules): Adapted {
  const sinceChange = memory.sinceChange + round.seconds;
  if (sinceChange <= SETTLE_S) return same('settling', { ...memory, sinceChange }, current, '');
  const seen = observe({ ...memory, sinceChange }, current, round, rules.unit);
  const counted = seen.operations.reduce((sum, one) => sum + one.seen, 0);
  if (counted < LEAST_EVIDENCE) {
    const reason = `about ${Math.floor(counted)} traces in the last minutes; ${LEAST_EVIDENCE} are needed`;
    return same('insufficient_evidence', { ...seen, over: 0 }, current, reason);
  }
  const traffic = seen.operations.map((one) => trafficFrom(one, seen, current, rules.stage));
  const target = proposeRates(traffic, rules.stage, rules.perSecond, rules.floor);
  const judged = judge(seen, current, target, traffic, keptOf(round, current, rules.unit), rules);
  if (sinceChange < HOLD_S[rules.stage]) return same('settling', judged.memory, current, '');
  if (judged.isWithoutEffect) return same('without_effect', judged.memory, current, WITHOUT_EFFECT);
  return change(judged, current, traffic, rules);
}

const WITHOUT_EFFECT =
  'probabilities were lowered three times and the traffic did not become less: it seems that nobody carries the policy out';

function same(
  outcome: Exclude<Adapted['outcome'], 'changed'>,
  memory: AdaptMemory,
  rates: SamplingRates,
  reason: string,
): Adapted {
  return { outcome, memory, rates, reason };
}

interface Judged {
  /** What a second of this round costs after sampling. */
  readonly kept: number;
  readonly memory: AdaptMemory;
  readonly target: SamplingRates;
  readonly isWithoutEffect: boolean;
}

function judge(
  memory: AdaptMemory,
  current: SamplingRates,
  target: SamplingRates,
  traffic: readonly OperationTraffic[],
  kept: number,
  { perSecond }: AdaptRules,
): Judged {
  const [is, wanted] = [rateLookup(current), rateLookup(target)];
  const operations = memory.operations.map((one) => {
    const noise = evidence(one) >= LEAST_TRACES ? 1 / Math.sqrt(evidence(one)) : 0;
    return { ...one, off: counted(one.off, is(one), wanted(one), Math.max(BAND, 3 * noise)) };
  });
  const cost = costOfRates(traffic, current);
  const spread = memory.operations.reduce((sum, one) => sum + (is(one) * meanOf(one)) ** 2 * one.squares, 0);
  const noise = cost === 0 ? 0 : Math.sqrt(spread) / memory.seconds / cost;
  const over = cost > perSecond * (1 + Math.max(TOLERANCE, 2 * noise)) ? memory.over + 1 : 0;
  const isKept = kept <= perSecond * (1 + TOLERANCE) || kept < memory.costBefore * EFFECT;
  return {
    memory: {
      ...{
        ...memory,
        operations,
        over,
        othersOff: counted(memory.othersOff, current.otherwise, target.otherwise, BAND),
      },
      ...(isKept ? { lowered: 0, costBefore: 0 } : {}),
    },
    ...{ kept, target },
    isWithoutEffect: !isKept && memory.lowered >= MOST_LOWERED,
  };
}

function keptOf({ seconds, estimates }: AdaptRound, current: SamplingRates, unit: UnitCost): number {
  const rateOf = rateLookup(current);
  const cost = estimates.reduce((sum, one) => {
    const all = costOf(total(TRACE_CLASSES.map((name) => one.classes[name])), unit);
    return sum + all - (1 - rateOf(one)) * costOf(one.classes.ordinary, unit);
  }, 0);
  return cost / seconds;
}

function meanOf({ cost, traces }: OperationMemory): number {
  return traces === 0 ? 0 : cost / traces;
}

function counted(before: number, is: number, wanted: number, band: number): number {
  if (is > wanted * (1 + band)) return Math.max(0, before) + 1;
  return wanted > is * (1 + band) ? Math.min(0, before) - 1 : 0;
}

function change(
  { memory, target, kept }: Judged,
  current: SamplingRates,
  traffic: readonly OperationTraffic[],
  rules: AdaptRules,
): Adapted {
  const isOver = memory.over >= ROUNDS;
  const first = stepped(memory, current, target, isOver, true, rules);
  const cost = costOfRates(traffic, current);
  const most = Math.max(rules.perSecond, cost);
  const isTooMuch = costOfRates(traffic, first) > most && !isOver;
  // Where what goes up would break the budget, everything that is to go down does so too, and if need be nothing goes up.
  const second = isTooMuch ? stepped(memory, current, target, true, true, rules) : first;
  const breaks = costOfRates(traffic, second) > most;
  const next = breaks ? stepped(memory, current, target, true, false, rules) : second;
  if (rateChanges(current, next).length === 0) return same('unchanged', memory, current, '');
  const lowers = costOfRates(traffic, next) < cost * (1 - NARROW);
  const is = rateLookup(next);
  const was = rateLookup(current);
  return {
    outcome: 'changed',
    rates: next,
    reason: isOver
      ? `${percentOf(cost, rules.perSecond)} of the budget was used for ${memory.over} rounds`
      : `the traffic asked for other probabilities for ${ROUNDS} rounds`,
    memory: {
      ...{ ...memory, over: 0, sinceChange: 0, othersOff: next.otherwise === current.otherwise ? memory.othersOff : 0 },
      operations: memory.operations.map((one) => (is(one) === was(one) ? one : { ...one, off: 0 })),
      lowered: lowers && isOver ? memory.lowered + 1 : memory.lowered,
      costBefore: lowers && isOver && memory.lowered === 0 ? kept : memory.costBefore,
    },
  };
}

function percentOf(cost: number, budget: number): string {
  return budget > 0 ? `${Math.round((100 * cost) / budget)} %` : 'more';
}

/** @param isAllDown whether everything goes down that is too high, and not only what was so for some rounds */
function stepped(
  memory: AdaptMemory,
  current: SamplingRates,
  target: SamplingRates,
  isAllDown: boolean,
  mayRise: boolean,
  { floor, stage }: AdaptRules,
): SamplingRates {
  const [is, wanted] = [rateLookup(current), rateLookup(target)];
  const step = (from: number, to: number, off: number, hasEvidence: boolean): number => {
    if (to < from) {
      const isDue = hasEvidence && (isAllDown || off >= ROUNDS);
      return isDue ? Math.max(to, twoDigits(from / LOWER_BY, Math.ceil), floor) : from;
    }
    return mayRise && off <= -ROUNDS ? Math.min(to, twoDigits(from * RAISE_BY, Math.floor), 1) : from;
  };
  const stepOf = (one: OperationMemory): number => step(is(one), wanted(one), one.off, evidence(one) >= LEAST_TRACES);
  if (stage === 'collector') {
    const [one] = memory.operations;
    return { operations: [], otherwise: one === undefined ? current.otherwise : stepOf(one) };
  }
  const otherwise = step(current.otherwise, target.otherwise, memory.othersOff, true);
  const operations = memory.operations
    .map((one) => ({
      ...{ service: one.service, operation: one.operation },
      probability: stepOf(one),
    }))
    .filter(({ operation, probability }) => operation !== '' && probability !== otherwise);
  const traces = new Map(memory.operations.map((one) => [keyOf(one), one.traces]));
  const most = operations.sort((a, b) => traces.get(keyOf(b))! - traces.get(keyOf(a))!).slice(0, MAX_OPERATIONS);
  return { operations: most.sort((a, b) => compare(keyOf(a), keyOf(b))), otherwise };
}

function twoDigits(value: number, round: (value: number) => number): number {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Number((round(Number((value / step).toPrecision(12))) * step).toPrecision(2));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
