import { describe, expect, test } from '@jest/globals';
import { Random } from '../../bench/random.js';
import { estimateOccurrences, type SeenUsage } from '../../src/engine/cost/occurrence-estimate.js';
import { BUCKETS, TRACE_SUMS, traceHash, weigh } from '../../src/engine/model/trace-sums.js';

/** Traces of some spans each, of which a sampler kept some; a share of the spans shows the finding. */
interface Sampled {
  readonly probability: number;
  readonly traces: number;
  readonly spansOfTrace: number;
  readonly share: number;
  /** Whether spans say what they stand for. */
  readonly says: boolean;
}

function sample(r: Random, { probability, traces, spansOfTrace, share, says }: Sampled) {
  const counts = { spans: 0, errorSpans: 0, spanBytes: 0, sharedBytes: 0 };
  const weighed = { weighedSpans: 0, weighedBytes: 0, estimatedSpans: 0, estimatedBytes: 0 };
  const traceSums = new Float64Array(TRACE_SUMS);
  const row = { service: 's', environment: '', hour: 0, ...counts, ...weighed, traceSums };
  let occurrences = 0;
  let truth = 0;
  for (let trace = 0; trace < traces; trace++) {
    const id = Buffer.from(r.hex(32), 'hex');
    const kept = r.chance(probability);
    for (let span = 0; span < spansOfTrace; span++) {
      const shows = r.chance(share) ? 1 : 0;
      truth += shows;
      if (!kept) continue;
      row.spans++;
      occurrences += shows;
      weigh(row, says ? 1 / probability : 0, 100, traceHash(id, 0));
    }
  }
  const sums = (from: number): number[] => [...traceSums.subarray(from, from + BUCKETS)];
  const usage = { ...row, bytes: 100 * row.spans, knownSums: sums(0), unknownSums: sums(2 * BUCKETS) };
  const weight = row.spans === 0 ? 0 : row.estimatedSpans / row.spans;
  const seen: SeenUsage = {
    ...{ usage, occurrences, weighedOccurrences: occurrences * weight },
    otherOccurrences: says ? 0 : occurrences,
  };
  return { seen, truth };
}

const TYPICAL: Sampled = { probability: 0.25, traces: 400, spansOfTrace: 5, share: 0.2, says: true };

describe('occurrences in all spans', () => {
  test.each([
    ['spans that say what they stand for', TYPICAL],
    ['spans whose share is known', { ...TYPICAL, says: false }],
    ['a rare finding', { ...TYPICAL, share: 0.01, traces: 1500 }],
    ['one in each span', { ...TYPICAL, share: 1 }],
  ])('lie in the interval 95 times of 100: %s', (_, sampled) => {
    const r = new Random(11);
    let covered = 0;
    let sum = 0;
    let truths = 0;
    const times = 300;
    for (let i = 0; i < times; i++) {
      const { seen, truth } = sample(r, sampled);
      const { value, low, high } = estimateOccurrences(seen, 'span', sampled.says ? null : sampled.probability)!;
      if (low <= truth && truth <= high) covered++;
      sum += value;
      truths += truth;
    }
    expect(covered / times).toBeGreaterThan(0.9);
    expect(Math.abs(sum / truths - 1)).toBeLessThan(0.03);
  });

  test('are those that were seen where nothing was dropped', () => {
    const { seen, truth } = sample(new Random(1), { ...TYPICAL, probability: 1 });
    expect(estimateOccurrences(seen, 'span', null)).toEqual({ value: truth, low: truth, high: truth });
  });

  test('are at least those that were seen', () => {
    const { seen } = sample(new Random(2), { ...TYPICAL, traces: 8, probability: 0.5 });
    const { low, value, high } = estimateOccurrences(seen, 'span', null)!;
    expect([seen.occurrences <= low, low <= value, value < high]).toEqual([true, true, true]);
  });

  test('are not known where spans do not say it, where none came on these days, and in resources and scopes', () => {
    const silent = sample(new Random(3), { ...TYPICAL, says: false }).seen;
    const known = sample(new Random(3), TYPICAL).seen;
    expect(estimateOccurrences(silent, 'span', null)).toBeNull();
    expect(estimateOccurrences(undefined, 'span', 0.5)).toBeNull();
    for (const location of ['resource', 'scope'] as const) expect(estimateOccurrences(known, location, 0.5)).toBeNull();
    for (const location of ['event', 'link', 'status'] as const) {
      expect(estimateOccurrences(known, location, null)).not.toBeNull();
    }
  });
});
