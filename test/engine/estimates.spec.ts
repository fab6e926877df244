import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { calibrate, type Estimate, exactly, intervalOf, plus, times } from '../../src/engine/cost/estimate.js';
import { samplingWeight } from '../../src/engine/cost/tracestate.js';
import type { UsageRow } from '../../src/engine/model/rollup.js';
import { BUCKETS, KNOWN_BYTES, KNOWN_SPANS, TRACE_SUMS, traceHash, weigh } from '../../src/engine/model/trace-sums.js';

const HIGHEST = 'f'.repeat(32);

/** Weight by the tracestate alone: of a trace that every sampler keeps, or of one with the given id. */
function weightOf(traceState: string, traceId = HIGHEST): number {
  const bytes = Buffer.from(`..${traceState}${traceId}`);
  const id = Buffer.from(traceId, 'hex');
  const all = Buffer.concat([bytes, id]);
  const end = 2 + traceState.length;
  return samplingWeight(all, 2, end, id.length === 0 ? -1 : bytes.length);
}

describe('sampling weight of a tracestate', () => {
  test.each([
    ['ot=th:0', 1],
    ['ot=th:c', 4],
    ['ot=th:8', 2],
    ['ot=th:fd70a4', 100.0001],
    ['ot=th:ffffffffffffff', 2 ** 56],
    ['ot=th:8;rv:ffffffffffffff', 2],
    ['ot=rv:80000000000000;th:8', 2],
    ['vendor=x:1;th:c , ot=th:8 ,other=y', 2],
    ['ot=th:8;future:a.b_c-D', 2],
  ])('%s', (traceState, weight) => expect(weightOf(traceState)).toBeCloseTo(weight, 4));

  test.each([
    ['nothing at all', ''],
    ['no entry of OpenTelemetry', 'vendor=th:8'],
    ['no threshold', 'ot=rv:80000000000000'],
    ['an empty threshold', 'ot=th:'],
    ['capitals', 'ot=th:C'],
    ['no hexadecimal digits', 'ot=th:xyz'],
    ['more than 14 digits', 'ot=th:000000000000000'],
    ['randomness of 13 digits', 'ot=th:8;rv:fffffffffffff'],
    ['two thresholds', 'ot=th:8;th:c'],
    ['two entries', 'ot=th:8,ot=th:8'],
    ['an entry of more than 256 characters', `ot=th:8;x:${'a'.repeat(250)}`],
    ['randomness below the threshold: such a trace would not be here', 'ot=th:8;rv:7fffffffffffff'],
  ])('is not known with %s', (_, traceState) => expect(weightOf(traceState)).toBe(0));

  test('randomness is the last 7 bytes of the trace id where there is no rv', () => {
    const id = (random: string) => 'f'.repeat(18) + random;
    expect(weightOf('ot=th:8', id('80000000000000'))).toBe(2);
    expect(weightOf('ot=th:8', id('7fffffffffffff'))).toBe(0);
    expect(weightOf('ot=th:80000000000001', id('80000000000000'))).toBe(0);
    expect(weightOf('ot=th:8', '')).toBe(0);
    expect(weightOf('ot=th:8;rv:80000000000000', id('00000000000000'))).toBe(2);
  });

  test('any bytes give a weight of at least 1, or none', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ot=thrv:;, 08cfFg') });
    const isWeight = (weight: number): boolean => weight === 0 || weight >= 1;
    fc.assert(fc.property(text, (traceState) => isWeight(weightOf(traceState))));
  });
});

/** Mulberry32: numbers from 0 to 2³² − 1 that a seed fixes. */
function random(seed: number): () => number {
  const { imul } = Math; // a look-up in a test's own global object is slow
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = imul(state ^ (state >>> 15), 1 | state);
    t = (t + imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

function newRow(): UsageRow {
  const counts = { spans: 0, errorSpans: 0, spanBytes: 0, sharedBytes: 0 };
  const weighed = { weighedSpans: 0, weighedBytes: 0, estimatedSpans: 0, estimatedBytes: 0 };
  return { service: 's', environment: '', hour: 0, ...counts, ...weighed, traceSums: new Float64Array(TRACE_SUMS) };
}

function bytesOf(row: UsageRow): Estimate {
  return { value: row.estimatedBytes, sums: row.traceSums.slice(KNOWN_BYTES, KNOWN_BYTES + BUCKETS) };
}

function spansOf(row: UsageRow): Estimate {
  return { value: row.estimatedSpans, sums: row.traceSums.slice(KNOWN_SPANS, KNOWN_SPANS + BUCKETS) };
}

const SERVICES = 3;

/** Traces of a log-normal number of spans (σ = 1, mean about 10, up to 1,000) of sizes that differ as much again. */
function population(traces: number, seed: number): Uint16Array[] {
  const next = random(seed);
  const normal = (): number => {
    const u = (next() + 1) / 4294967297;
    return Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * (next() / 4294967296));
  };
  return Array.from({ length: traces }, () => {
    const spans = Math.min(1000, Math.ceil(Math.exp(1.8 + normal())));
    return Uint16Array.from({ length: spans }, () => Math.min(60_000, 200 + 300 * Math.exp(normal())));
  });
}

interface Coverage {
  readonly bytes: number;
  readonly spans: number;
  readonly oneService: number;
  readonly calibratedService: number;
  readonly spanLevel: number;
}

/**
 * Samples a population again and again, each time with new trace ids, and says how often the interval holds the truth.
 * The spans of a trace are of several services.
 */
function coverage(threshold: string, traces: number, runs: number, seed: number): Coverage {
  const all = population(traces, seed);
  const sum = (of: (trace: Uint16Array) => number): number => all.reduce((total, trace) => total + of(trace), 0);
  const truth = { spans: sum((t) => t.length), bytes: sum((t) => t.reduce((a, b) => a + b, 0)) };
  const truthOfService = sum((t) => t.reduce((a, b, i) => a + (i % SERVICES === 0 ? b : 0), 0));
  const next = random(seed + 1);
  const state = Buffer.from(`ot=th:${threshold}`);
  const least = Number.parseInt(threshold.slice(0, 8), 16);
  const dropped = Math.log(least / 2 ** 32);
  const gap = (): number => Math.floor(Math.log((next() + 1) / 2 ** 32) / dropped);
  const request = Buffer.alloc(state.length + 16);
  state.copy(request);
  const hits = { bytes: 0, spans: 0, oneService: 0, calibratedService: 0, spanLevel: 0 };
  for (let run = 0; run < runs; run++) {
    const rows = Array.from({ length: SERVICES }, newRow);
    let spanLevelVariance = 0;
    // The kept ones only: their gaps are geometric, and their randomness is uniform above the threshold.
    for (let at = gap(); at < all.length; at += 1 + gap()) {
      const trace = all[at]!;
      for (let i = 0; i < 4; i++) request.writeUInt32LE(next(), state.length + 4 * i);
      request.writeUInt32BE(Math.floor(least + next() * (1 - least / 2 ** 32)), state.length + 9);
      const weight = samplingWeight(request, 0, state.length, state.length);
      if (weight === 0) continue;
      const hash = traceHash(request, state.length);
      for (let i = 0; i < trace.length; i++) {
        weigh(rows[i % SERVICES]!, weight, trace[i]!, hash);
        spanLevelVariance += weight * (weight - 1) * trace[i]! ** 2;
      }
    }
    const holds = (estimate: Estimate, value: number): number => {
      const { low, high } = intervalOf(estimate)!;
      return low <= value && value <= high ? 1 : 0;
    };
    const bytes = rows.map(bytesOf).reduce((a, b) => plus(a, b));
    hits.bytes += holds(bytes, truth.bytes);
    hits.spans += holds(
      rows.map(spansOf).reduce((a, b) => plus(a, b)),
      truth.spans,
    );
    hits.oneService += holds(bytesOf(rows[0]!), truthOfService);
    hits.calibratedService += holds(calibrate(bytesOf(rows[0]!), bytes, truth.bytes), truthOfService);
    hits.spanLevel += Math.abs(bytes.value - truth.bytes) <= 1.96 * Math.sqrt(spanLevelVariance) ? 1 : 0;
  }
  const share = (count: number): number => count / runs;
  return {
    bytes: share(hits.bytes),
    spans: share(hits.spans),
    oneService: share(hits.oneService),
    calibratedService: share(hits.calibratedService),
    spanLevel: share(hits.spanLevel),
  };
}

describe('intervals of estimates', () => {
  test.each([
    ['10 %', 'e6666666666666', 20_000, 1000],
    ['1 %', 'fd70a3d70a3d70', 100_000, 1000],
  ])(
    'sampling %s: they hold the true total 93 to 97 times of 100, and those of single spans do not',
    (name, threshold, traces, runs) => {
      const measured = coverage(threshold, traces, runs, 7);
      process.stdout.write(`sampling ${name}, ${runs} runs: ${JSON.stringify(measured)}\n`);
      for (const share of [measured.bytes, measured.spans, measured.oneService, measured.calibratedService]) {
        expect(share).toBeGreaterThanOrEqual(0.93);
        expect(share).toBeLessThanOrEqual(0.97);
      }
      expect(measured.spanLevel).toBeLessThan(0.6);
    },
  );

  test('nothing that was kept for certain has an error', () => {
    const row = newRow();
    for (let i = 0; i < 100; i++) weigh(row, 1, 500, i * 0x9e3779b1);
    expect(intervalOf(bytesOf(row))).toEqual({ low: 50_000, high: 50_000 });
  });

  test('what was received is certain, and what is calibrated to itself is exact', () => {
    const wide: Estimate = { value: 100, sums: new Float64Array(BUCKETS).fill(30) };
    expect(intervalOf(wide, 10)!.low).toBe(10);
    expect(intervalOf(calibrate(wide, wide, 120))).toEqual({ low: 120, high: 120 });
    expect(intervalOf({ value: 5, sums: null })).toBeNull();
    expect(plus(exactly(1), { value: 5, sums: null }).sums).toBeNull();
    expect(times(exactly(2), 3).value).toBe(6);
  });
});
