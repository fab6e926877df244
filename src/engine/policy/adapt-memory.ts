import type { SamplingStage } from '../model/sampling.js';
import { type OperationTraffic, rateLookup, type SamplingRates } from './sampling-budget.js';
import {
  costOf,
  LEAST_TRACES,
  type OperationEstimate,
  TRACE_CLASSES,
  total,
  type UnitCost,
} from './sampling-traffic.js';

/** Smoothed traffic of an operation: sums over time, in which what is older counts less. */
export interface OperationMemory {
  readonly service: string;
  readonly operation: string;
  /** Traces that were counted, traces that they stand for, and the sum of squares of how many each stands for. */
  readonly seen: number;
  readonly traces: number;
  readonly squares: number;
  /** In the unit of the budget: of all, and of those that are always kept. */
  readonly cost: number;
  readonly alwaysKept: number;
  /** Rounds in a row in which its probability was too high, or, below 0, too low. */
  readonly off: number;
}

export interface AdaptMemory {
  /** Seconds in the sums. */
  readonly seconds: number;
  readonly operations: readonly OperationMemory[];
  /** The same as `off` of the probability of operations that are not listed. */
  readonly othersOff: number;
  /** Rounds in a row in which the budget was broken. */
  readonly over: number;
  /** Seconds since probabilities changed; what comes in their first minutes is of both and does not count. */
  readonly sinceChange: number;
  /** How often they were lowered since the budget was kept last, and what a second cost after sampling before that. */
  readonly lowered: number;
  readonly costBefore: number;
}

export const NO_MEMORY: AdaptMemory = {
  ...{ seconds: 0, operations: [], othersOff: 0, over: 0 },
  ...{ sinceChange: Number.MAX_SAFE_INTEGER, lowered: 0, costBefore: 0 },
};

/** What was counted since the round before. */
export interface AdaptRound {
  readonly seconds: number;
  readonly estimates: readonly OperationEstimate[];
}

/** What is so old counts half. */
const HALF_LIFE_S = 120;

/** What is remembered after a round was counted. */
export function observe(memory: AdaptMemory, current: SamplingRates, round: AdaptRound, unit: UnitCost): AdaptMemory {
  const decay = 2 ** (-round.seconds / HALF_LIFE_S);
  const known = new Map(memory.operations.map((one) => [keyOf(one), faded(one, decay)]));
  for (const { service, operation } of current.operations) {
    const key = keyOf({ service, operation });
    if (!known.has(key)) known.set(key, { ...NEW, service, operation });
  }
  for (const estimate of round.estimates) {
    const { service, operation, seen, classes } = estimate;
    const before = known.get(keyOf(estimate)) ?? { ...NEW, service, operation };
    const all = total(TRACE_CLASSES.map((name) => classes[name]));
    const cost = costOf(all, unit);
    known.set(keyOf(estimate), {
      ...before,
      seen: before.seen + seen,
      traces: before.traces + all.traces,
      squares: before.squares + (seen === 0 ? 0 : all.traces ** 2 / seen),
      cost: before.cost + cost,
      alwaysKept: before.alwaysKept + cost - costOf(classes.ordinary, unit),
    });
  }
  const operations = [...known.values()].filter((one) => one.seen > FORGOTTEN || isListed(one, current));
  return { ...memory, seconds: memory.seconds * decay + round.seconds, operations };
}

const NEW = { seen: 0, traces: 0, squares: 0, cost: 0, alwaysKept: 0, off: 0 };
const FORGOTTEN = 0.01;

function faded(one: OperationMemory, decay: number): OperationMemory {
  return {
    ...one,
    ...{ seen: one.seen * decay, traces: one.traces * decay, squares: one.squares * decay ** 2 },
    ...{ cost: one.cost * decay, alwaysKept: one.alwaysKept * decay },
  };
}

function isListed(one: OperationMemory, { operations }: SamplingRates): boolean {
  return operations.some(({ service, operation }) => service === one.service && operation === one.operation);
}

/** Traces that chance in them is as large as that of so many counted ones. */
export function evidence({ traces, squares }: OperationMemory): number {
  return squares === 0 ? 0 : traces ** 2 / squares;
}

/** Without evidence the most that it can be: none of n at a share p means at most 3/p of them, at 95 % (rule of three). */
export function trafficFrom(
  one: OperationMemory,
  memory: AdaptMemory,
  current: SamplingRates,
  stage: SamplingStage,
): OperationTraffic {
  const { service, operation, traces, squares, cost, alwaysKept } = one;
  const isKnown = evidence(one) >= LEAST_TRACES;
  const most = traces + 2 * Math.sqrt(squares) + 3 / rateLookup(current)(one);
  return {
    ...{ service, operation, tracesPerSecond: (isKnown ? traces : most) / memory.seconds },
    costPerTrace: traces === 0 ? meanCost(memory) : cost / traces,
    alwaysKept: cost === 0 ? 0 : Math.min(1, alwaysKept / cost),
    // What cannot be named has the probability of those that are not listed.
    ...(operation === '' && stage !== 'collector' && { least: 1 }),
  };
}

function meanCost({ operations }: AdaptMemory): number {
  const traces = operations.reduce((sum, one) => sum + one.traces, 0);
  return traces === 0 ? 1 : operations.reduce((sum, one) => sum + one.cost, 0) / traces;
}

export function keyOf({ service, operation }: { readonly service: string; readonly operation: string }): string {
  return `${service}\0${operation}`;
}
