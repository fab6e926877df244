import type { OperationRate, SamplingStage } from '../model/sampling.js';
import { allocate, type OperationTraffic, rateLookup, type SamplingRates } from './sampling-budget.js';
import {
  LEAST_TRACES,
  minus,
  NOTHING,
  type OperationEstimate,
  scaled,
  TRACE_CLASSES,
  type TraceClass,
  total,
  type UnitCost,
  type Volume,
} from './sampling-traffic.js';

/** Traces of all operations together below which nothing is proposed. */
export const LEAST_EVIDENCE = 200;

/** What is allowed, and how it is counted. */
export interface SamplingLimit {
  readonly unit: UnitCost;
  /** In that unit. */
  readonly perSecond: number;
}

/** What rates do to traffic, in the window that it was counted in. */
export interface SamplingEffect {
  readonly offered: Volume;
  readonly kept: Volume;
  /** `rare` are ordinary traces of operations that are kept whole. */
  readonly classes: readonly { readonly name: TraceClass | 'rare'; readonly offered: Volume; readonly kept: Volume }[];
  /** Half the width of the interval of 95 % of the spans that are dropped, as a share of them: chance in what was counted. */
  readonly error: number;
}

export interface ProposedRates extends SamplingRates {
  /** Whether the limit holds; when not, even the floor is too much. */
  readonly isWithin: boolean;
}

/** The rates that lose least within a limit. A collector that decides by the trace id alone has one for everything. */
export function proposeRates(
  traffic: readonly OperationTraffic[],
  stage: SamplingStage,
  perSecond: number,
  floor: number,
): ProposedRates {
  if (stage !== 'collector') {
    const { operations, otherwise, isWithin } = allocate(traffic, perSecond, floor);
    // What is not listed has the rate of the others, so there is no need to list it with that.
    return { operations: operations.filter(({ probability }) => probability !== otherwise), otherwise, isWithin };
  }
  const offered = traffic.reduce((sum, part) => sum + part.tracesPerSecond * part.costPerTrace, 0);
  const share = offered <= perSecond ? 1 : twoDigitsDown(perSecond / offered);
  return { operations: [], otherwise: Math.max(floor, share), isWithin: share >= floor };
}

function twoDigitsDown(share: number): number {
  if (share <= 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(share)) - 1);
  return Number((Math.floor(share / step + 1e-9) * step).toPrecision(2));
}

export function effectOf(estimates: readonly OperationEstimate[], rates: SamplingRates): SamplingEffect {
  const rateOf = rateLookup(rates);
  const kept = new Map<TraceClass | 'rare', [Volume, Volume]>();
  const add = (name: TraceClass | 'rare', offered: Volume, share: number): void => {
    const [before, after] = kept.get(name) ?? [NOTHING, NOTHING];
    kept.set(name, [total([before, offered]), total([after, scaled(offered, share)])]);
  };
  let variance = 0;
  for (const one of estimates) {
    const rate = rateOf(one);
    for (const name of TRACE_CLASSES) {
      const isOrdinary = name === 'ordinary';
      add(isOrdinary && rate === 1 ? 'rare' : name, one.classes[name], isOrdinary ? rate : 1);
    }
    variance += ((1 - rate) * one.weight) ** 2 * (one.classes.ordinary.traces / one.weight) * one.meanSquare;
  }
  const names = [...TRACE_CLASSES.slice(0, 3), 'rare', 'ordinary'] as const;
  const classes = names.map((name) => {
    const [offered, after] = kept.get(name) ?? [NOTHING, NOTHING];
    return { name, offered, kept: after };
  });
  const offered = total(classes.map((one) => one.offered));
  const after = total(classes.map((one) => one.kept));
  const dropped = minus(offered, after).spans;
  return { offered, kept: after, classes, error: dropped <= 0 ? 0 : (Z_95 * Math.sqrt(variance)) / dropped };
}

const Z_95 = 1.96;

/** Why nothing can be said of this traffic; '' where something can. */
export function lackOfEvidence(estimates: readonly OperationEstimate[], seconds: number): string {
  const seen = estimates.reduce((sum, one) => sum + one.seen, 0);
  if (seen < LEAST_EVIDENCE)
    return `${seen} traces with a root span were counted; at least ${LEAST_EVIDENCE} are needed`;
  if (seconds < LEAST_SECONDS)
    return `traffic was counted for ${Math.floor(seconds)} s; at least ${LEAST_SECONDS} s are needed`;
  return '';
}

const LEAST_SECONDS = 600;

/** Operations that are kept whole since too few of their traces were counted. */
export function thinOperations(estimates: readonly OperationEstimate[]): OperationEstimate[] {
  return estimates.filter(({ seen }) => seen < LEAST_TRACES);
}

/** Old and new rates of operations, for those that differ; '' and '' for those that are not listed. */
export function rateChanges(
  before: SamplingRates,
  after: SamplingRates,
): { readonly service: string; readonly operation: string; readonly from: number; readonly to: number }[] {
  const [was, is] = [rateLookup(before), rateLookup(after)];
  const keys = new Map<string, Omit<OperationRate, 'probability'>>();
  for (const { service, operation } of [...before.operations, ...after.operations]) {
    keys.set(`${service}\0${operation}`, { service, operation });
  }
  const changes = [...keys.values()].map((key) => ({ ...key, from: was(key), to: is(key) }));
  changes.push({ service: '', operation: '', from: before.otherwise, to: after.otherwise });
  return changes.filter(({ from, to }) => from !== to);
}
