import { type Growth, type GrowthPoint, heapsExponent } from '../model/growth.js';

/** Below so many observations nothing is said of an attribute. */
export const MIN_OBSERVATIONS = 1_000;
const MAX_ENUM = 100;
const MIN_UNBOUNDED = 1_000;
const MAX_UNBOUNDED_REUSE = 10;
/** Growth from which on an attribute is no enum any more, is growing, is unbounded. */
const [SOME, MUCH, FULL] = [0.1, 0.5, 0.8];
/** A rate whose interval is wider to either side says nothing. */
const MAX_MARGIN = 0.15;
const Z95 = 1.96;

type Rate = NonNullable<Growth['rate']>;

/**
 * The growth class of an attribute. The rate is the exponent of Heaps' law, D ∝ n^β, over the last doubling of the
 * observations: β = ln(D₂/D₁)/ln(n₂/n₁). Constant: one value. Enum: at most 100 values and β < 0.1. Bounded: β < 0.5.
 * Growing: up to 0.8. Unbounded: β from 0.8 on, at least 1,000 values, and fewer than 10 observations a value.
 *
 * Without earlier points β is still known from below, since D₁ ≤ n₁: over the last doubling β ≥ 1 − log₂(n/D).
 *
 * @param points one for each part of the window, each from its beginning on, in the order of time
 */
export function growthOf(points: readonly GrowthPoint[]): Growth {
  const last = points.at(-1);
  if (last === undefined || last.observations < MIN_OBSERVATIONS) {
    return unknown(`Fewer than ${MIN_OBSERVATIONS} observations.`, null);
  }
  const { observations, distinct } = last;
  if (distinct <= 1) return { class: 'constant', rate: { value: 0, low: 0, high: 0 }, reason: 'One value throughout.' };
  const reuse = observations / distinct;
  const rate = rateOver(points) ?? rateFromBelow(last);
  if (rate === null) return unknown('All observations fall into one hour, or nearly so; growth takes two.', null);
  const isMany = distinct >= MIN_UNBOUNDED && reuse < MAX_UNBOUNDED_REUSE;
  const basis = `growth ${rate.value.toFixed(2)}, ${reuse.toFixed(1)} observations a value`;
  if (rate.value >= FULL && isMany) return { class: 'unbounded', rate, reason: `Nearly every value is new: ${basis}.` };
  if (rate.value >= MUCH) return { class: 'growing', rate, reason: `New values keep coming: ${basis}.` };
  if (rate.value >= SOME || distinct > MAX_ENUM) {
    return { class: 'bounded', rate, reason: `Few new values come: ${basis}.` };
  }
  return { class: 'enum', rate, reason: `At most ${MAX_ENUM} values, and hardly a new one: ${basis}.` };
}

function rateOver(points: readonly GrowthPoint[]): Rate | null {
  const last = points.at(-1)!;
  const before = points.filter((point) => point.observations > 0 && point.distinct > 0);
  const first = before.findLast((point) => point.observations * 2 <= last.observations) ?? before[0]!;
  const exponent = heapsExponent(first, last);
  if (exponent === null) return null;
  const { value, standardError } = exponent;
  const margin = Z95 * standardError;
  return margin > MAX_MARGIN ? null : { value, low: Math.max(0, value - margin), high: value + margin };
}

function rateFromBelow({ observations, distinct, standardError }: GrowthPoint): Rate | null {
  const low = 1 + Math.log2((distinct * (1 - Z95 * standardError)) / observations);
  return low < FULL ? null : { value: (low + 1) / 2, low, high: 1 };
}

function unknown(reason: string, rate: Rate | null): Growth {
  return { class: 'insufficient_evidence', rate, reason };
}
