/*
 * How the OpenTelemetry Collector (contrib v0.159) keeps a share of all traces by their ids: the same id is kept or
 * dropped by every collector, so traces stay whole.
 */

const MASK_64 = (1n << 64n) - 1n;
const FNV_OFFSET = 0xcbf29ce484222325n;
const FNV_PRIME = 0x100000001b3n;

/** FNV-1a, 64 bits (G. Fowler, L. C. Noll, K.-P. Vo, draft-eastlake-fnv). */
export function fnv1a64(bytes: Iterable<number>, start = FNV_OFFSET): bigint {
  let hash = start;
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * FNV_PRIME) & MASK_64;
  return hash;
}

/**
 * The policy `probabilistic` of tail_sampling: a trace is kept when the hash of salt and id is not above
 * (2^64 − 1) · ratio, which Go's big.Float rounds to 64 bits, ties to even, before it is cut to a whole number.
 */
export class HashShare {
  private readonly salted: bigint;
  private readonly most: bigint;

  /** @param salt of ASCII */
  constructor(percentage: number, salt: string) {
    this.salted = fnv1a64([...salt].map((c) => c.charCodeAt(0)));
    this.most = share64(percentage / 100);
  }

  keeps(traceId: Uint8Array): boolean {
    return fnv1a64(traceId, this.salted) <= this.most;
  }
}

/** ⌊(2^64 − 1) · ratio⌋, the product being rounded to 64 bits first. */
function share64(ratio: number): bigint {
  if (ratio >= 1) return MASK_64;
  if (!(ratio > 0)) return 0n;
  let exponent = 0;
  let mantissa = ratio;
  // Exact: a double is a whole number of at most 53 bits by a power of two.
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent--;
  }
  const product = MASK_64 * BigInt(mantissa);
  const excess = product.toString(2).length - 64;
  const rounded = excess <= 0 ? product : roundedBits(product, excess) << BigInt(excess);
  return rounded >> BigInt(-exponent);
}

/** Without its lowest bits, rounded to the nearest, ties to even. */
function roundedBits(value: bigint, bits: number): bigint {
  const cut = BigInt(bits);
  const kept = value >> cut;
  const rest = value - (kept << cut);
  const half = 1n << (cut - 1n);
  return rest > half || (rest === half && (kept & 1n) === 1n) ? kept + 1n : kept;
}

const MOST_56 = 1n << 56n;
const HEX_DIGITS = 14;
const LEAST_RATIO = 2 ** -56;

/**
 * The threshold that drops all but a share of the 2^56 values of randomness, as the collector's package `sampling` rounds
 * it: so many digits of hexadecimal, and more near 0 and 1.
 */
export function thresholdOf(ratio: number, precision: number): bigint {
  if (ratio < LEAST_RATIO) return MOST_56;
  if (ratio >= 1) return 0n;
  const more = Math.max(Math.trunc(exponentOf(ratio) / -4), Math.trunc(exponentOf(1 - ratio) / -4));
  const digits = Math.min(HEX_DIGITS, precision + more);
  const threshold = MOST_56 - BigInt(Math.round(ratio * 2 ** 56));
  const shift = BigInt(4 * (HEX_DIGITS - digits));
  if (shift === 0n) return threshold;
  return ((threshold + (1n << (shift - 1n))) >> shift) << shift;
}

/** Of a number below 1 as m · 2^exponent, ½ ≤ m < 1. */
function exponentOf(value: number): number {
  let [rest, exponent] = [value, 0];
  while (rest < 0.5) {
    rest *= 2;
    exponent--;
  }
  return exponent;
}

/** Of a trace id: its last 56 bits (W3C Trace Context level 2, random trace id). */
export function randomnessOf(traceId: Uint8Array): bigint {
  let value = 0n;
  for (const byte of traceId.subarray(9)) value = (value << 8n) | BigInt(byte);
  return value;
}
