import { MAX_OPERATIONS, type OperationRate } from '../model/sampling.js';

/** What was seen of the traces that an operation begins. */
export interface OperationTraffic {
  readonly service: string;
  /** Template of root span names. */
  readonly operation: string;
  readonly tracesPerSecond: number;
  /** Mean of a trace, in the unit of the budget: spans or bytes. */
  readonly costPerTrace: number;
  /** Share of its cost that is of traces that rules always keep: with errors, slow ones. 0 to 1. */
  readonly alwaysKept: number;
  /** Its probability does not fall below this; the floor where it is not given. */
  readonly least?: number;
}

/** Probabilities by operation, and that of all others. */
export interface SamplingRates {
  readonly operations: readonly OperationRate[];
  readonly otherwise: number;
}

export interface Allocation extends SamplingRates {
  /** What is kept, in the unit of the budget per second, if the traffic goes on as it was. */
  readonly expected: number;
  /** What comes in, by the same. */
  readonly offered: number;
  /** Whether the budget holds; when not, even the floor is too much. */
  readonly isWithin: boolean;
}

/** Of a probability's change, for it to be made. */
const BAND = 0.25;
const HALVINGS = 100;
/** Cost per second below which an operation is as good as none. */
const LEAST = 1e-12;

/**
 * Probabilities that keep a budget with the smallest loss. Traces that rules keep come first; of the others, n of them a
 * second at a cost of c each, an operation keeps the share p. The relative variance of what is told of an operation from
 * the traces that are kept is (1 − p) / (n·p). Weighed by n this is least, for Σ n·p·c within the budget, at p ∝ 1/√(n·c),
 * cut to the floor and to 1: the power allocation of M. D. Bankier ("Power Allocations: Determining Sample Sizes for
 * Subnational Areas", The American Statistician 42, 1988) with the power ½. Kept traces grow with the square root of the
 * traffic, so what is rare is kept whole and what is frequent is thinned most.
 *
 * An operation that has a least probability of its own has at least that. Probabilities have two digits and are rounded down, so the budget still holds. Operations beyond MAX_OPERATIONS, those
 * with the least traffic, are taken together.
 *
 * @param budget per second
 * @param floor above 0
 */
export function allocate(traffic: readonly OperationTraffic[], budget: number, floor: number): Allocation {
  const sorted = [...traffic].sort(
    (a, b) => ordinary(b) - ordinary(a) || compare(a.service, b.service) || compare(a.operation, b.operation),
  );
  const listed = sorted.slice(0, MAX_OPERATIONS);
  const rest = together(sorted.slice(MAX_OPERATIONS));
  const parts = [...listed, ...(rest === null ? [] : [rest])];
  const floors = parts.map(({ least = floor }) => Math.max(floor, least));
  const scales = parts.map((part) => 1 / Math.sqrt(Math.max(LEAST, ordinary(part))));
  const probabilities = (scale: number): number[] => scales.map((s, i) => Math.min(1, Math.max(floors[i]!, scale * s)));
  const costAt = (p: readonly number[]): number => parts.reduce((sum, part, i) => sum + costOf(part, p[i]!), 0);

  let [low, high] = [0, Math.max(1, ...scales.map((scale) => 1 / scale))];
  if (costAt(probabilities(high)) <= budget) low = high;
  for (let i = 0; i < HALVINGS && low < high; i++) {
    const middle = (low + high) / 2;
    if (costAt(probabilities(middle)) <= budget) low = middle;
    else high = middle;
  }
  const found = probabilities(low).map((p, i) => Math.max(floors[i]!, roundDown(p)));
  const expected = costAt(found);
  return {
    operations: listed.map(({ service, operation }, i) => ({ service, operation, probability: found[i]! })),
    otherwise: rest === null ? 1 : found[listed.length]!,
    ...{ expected, offered: costAt(parts.map(() => 1)), isWithin: expected <= budget },
  };
}

/** Of rates, in the unit of the budget per second. */
export function costOfRates(traffic: readonly OperationTraffic[], rates: SamplingRates): number {
  const rateOf = rateLookup(rates);
  return traffic.reduce((sum, part) => sum + costOf(part, rateOf(part)), 0);
}

/** The probability of an operation. */
export function rateLookup(rates: SamplingRates): (operation: Omit<OperationRate, 'probability'>) => number {
  const known = new Map(rates.operations.map((rate) => [keyOf(rate), rate.probability]));
  return (operation) => known.get(keyOf(operation)) ?? rates.otherwise;
}

/**
 * New rates, but for those that differ from the current ones by less than a quarter: a change costs a collector a reload.
 * When the current ones would break the budget that the new ones keep, the new ones hold. Gives `current` itself where
 * nothing changes.
 */
export function settle(
  current: SamplingRates,
  next: SamplingRates,
  traffic: readonly OperationTraffic[],
  budget: number,
): SamplingRates {
  const known = new Map(current.operations.map((rate) => [keyOf(rate), rate.probability]));
  const mixed: SamplingRates = {
    operations: next.operations.map((rate) => {
      const before = known.get(keyOf(rate));
      return before !== undefined && isNear(before, rate.probability) ? { ...rate, probability: before } : rate;
    }),
    otherwise: isNear(current.otherwise, next.otherwise) ? current.otherwise : next.otherwise,
  };
  const isOver = costOfRates(traffic, mixed) > budget && costOfRates(traffic, next) <= budget;
  const result = isOver ? next : mixed;
  return isSame(current, result) ? current : result;
}

function isNear(a: number, b: number): boolean {
  return Math.max(a, b) <= Math.min(a, b) * (1 + BAND);
}

function isSame(a: SamplingRates, b: SamplingRates): boolean {
  const known = new Map(a.operations.map((rate) => [keyOf(rate), rate.probability]));
  return (
    a.otherwise === b.otherwise &&
    known.size === b.operations.length &&
    b.operations.every((rate) => known.get(keyOf(rate)) === rate.probability)
  );
}

/** Cost of the traces that no rule keeps, per second. */
function ordinary({ tracesPerSecond, costPerTrace, alwaysKept }: OperationTraffic): number {
  return tracesPerSecond * costPerTrace * (1 - alwaysKept);
}

function costOf(part: OperationTraffic, probability: number): number {
  return part.tracesPerSecond * part.costPerTrace * part.alwaysKept + ordinary(part) * probability;
}

function together(parts: readonly OperationTraffic[]): OperationTraffic | null {
  if (parts.length === 0) return null;
  const traces = parts.reduce((sum, part) => sum + part.tracesPerSecond, 0);
  const cost = parts.reduce((sum, part) => sum + part.tracesPerSecond * part.costPerTrace, 0);
  const kept = parts.reduce((sum, part) => sum + part.tracesPerSecond * part.costPerTrace * part.alwaysKept, 0);
  return {
    ...{ service: '', operation: '', tracesPerSecond: traces },
    ...{ costPerTrace: traces === 0 ? 0 : cost / traces, alwaysKept: cost === 0 ? 0 : kept / cost },
  };
}

/** To two digits: 0.0567 is 0.056. What floating point left of 1 is 1. */
function roundDown(probability: number): number {
  if (probability > 1 - 1e-12) return 1;
  const rounded = Number(probability.toPrecision(2));
  if (rounded <= probability) return rounded;
  return Number((rounded - 10 ** (Math.floor(Math.log10(probability)) - 1)).toPrecision(2));
}

function keyOf({ service, operation }: { readonly service: string; readonly operation: string }): string {
  return `${service}\0${operation}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
