import type { Interval } from '../model/interval.js';

/**
 * How something (the bytes of an attribute) went with something else (spans) in steps of time, as sums over the steps: they
 * add up, and give the ratio of the two with its error.
 */
export interface RatioSums {
  readonly steps: number;
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly xy: number;
  readonly yy: number;
}

/** A ratio and the variance of its estimate; null where there are too few steps to know it. */
export interface Ratio {
  readonly value: number;
  readonly variance: number | null;
}

/**
 * The ratio of two sums with steps as clusters: residuals of each step about the ratio (Särndal, Swensson and Wretman, Model
 * Assisted Survey Sampling, section 5.6).
 */
export function ratioOf({ steps, x, y, xx, xy, yy }: RatioSums): Ratio {
  if (x === 0) return { value: 0, variance: null };
  const value = y / x;
  if (steps < 2) return { value, variance: null };
  const residuals = Math.max(0, yy - 2 * value * xy + value * value * xx);
  return { value, variance: ((steps / (steps - 1)) * residuals) / (x * x) };
}

/** A service before a policy was in force, and since. */
export interface ServiceEffect {
  readonly before: Ratio;
  readonly now: RatioSums;
  /** All bytes that the service sent since, as received. */
  readonly bytes: number;
  /** What a byte that was received stands for. */
  readonly scale: number;
  /** Of what the policy changes, the part that was promised to go; null where nothing was. */
  readonly promised: number | null;
}

/** What a policy saves, in estimated bytes of the time since. */
export interface Realised {
  readonly bytes: number;
  readonly bytesInterval: Interval | null;
  /** Of what the services would have sent without it. */
  readonly share: number;
  readonly shareInterval: Interval | null;
  /** What the promise comes to at the volume of the same time; null where there is none. */
  readonly promisedBytes: number | null;
}

/**
 * What went, compared with what the same spans would have carried before: Σ X · (b − a), with X what was received since, and
 * b and a the ratios of a service before and since. Services are independent of each other.
 */
export function realisedSaving(effects: readonly ServiceEffect[]): Realised {
  let saved = 0;
  let sent = 0;
  let variance: number | null = 0;
  let promised: number | null = null;
  let steps = Number.POSITIVE_INFINITY;
  for (const { before, now, bytes, scale, promised: part } of effects) {
    const since = ratioOf(now);
    const volume = scale * now.x;
    saved += volume * (before.value - since.value);
    sent += scale * bytes;
    steps = Math.min(steps, now.steps);
    const known: boolean = before.variance !== null && since.variance !== null;
    variance = variance === null || !known ? null : variance + volume ** 2 * (before.variance! + since.variance!);
    if (part !== null) promised = (promised ?? 0) + volume * before.value * part;
  }
  const without = sent + saved;
  const half = variance === null ? null : studentT(Math.max(1, steps - 1)) * Math.sqrt(variance);
  const bytesInterval = half === null ? null : { low: saved - half, high: saved + half };
  const shareOf = (amount: number): number => (without <= 0 ? 0 : amount / without);
  return {
    ...{ bytes: saved, bytesInterval, share: shareOf(saved), promisedBytes: promised },
    shareInterval:
      bytesInterval === null ? null : { low: shareOf(bytesInterval.low), high: shareOf(bytesInterval.high) },
  };
}

const Z = 1.959964;
/** Below, the expansion is off by more than 2 %. */
const EXACT: Readonly<Record<number, number>> = { 1: 12.7062, 2: 4.3027 };

/** 97.5 % quantile of Student's t (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.5). */
export function studentT(degrees: number): number {
  const exact = EXACT[degrees];
  if (exact !== undefined) return exact;
  const terms = [
    (Z ** 3 + Z) / 4,
    (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96,
    (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384,
    (79 * Z ** 9 + 776 * Z ** 7 + 1482 * Z ** 5 - 1920 * Z ** 3 - 945 * Z) / 92_160,
  ];
  return terms.reduce((sum, term, i) => sum + term / degrees ** (i + 1), Z);
}
