import { describe, expect, test } from '@jest/globals';
import { emptyBody, readBody, storeBody } from '../../../src/engine/model/quality.js';
import { QuantileSketch } from '../../../src/engine/model/quantile-sketch.js';
import {
  COLD_START,
  FROM_BROWSER,
  HAS_BAGGAGE,
  HAS_ENVIRONMENT,
  HAS_ERROR_TYPE,
  HAS_NAME,
  HAS_PROFILE,
  HTTP_5XX,
  KIND_CLIENT,
  KIND_CONSUMER,
  KIND_PRODUCER,
  KIND_SERVER,
  PEER_BY_NAME,
  WARM_START,
} from '../../../src/engine/model/span-facts.js';
import { TraceAssembler } from '../../../src/engine/quality/assembler.js';
import { clockSkew } from '../../../src/engine/quality/clock-skew.js';
import type { Evidence } from '../../../src/engine/quality/evidence.js';
import { FIELD_GUIDE } from '../../../src/engine/quality/field-guide.js';
import { INDICATORS } from '../../../src/engine/quality/indicators/index.js';
import { effectiveSize, quantileInterval, wilson } from '../../../src/engine/quality/intervals.js';
import { REMEDIES } from '../../../src/engine/quality/remedies.js';
import { thresholdOf } from '../../../src/engine/quality/threshold.js';
import { ALL_KEYS, evidenceOf, factsOf, hashOf, judge, type PlainSpan, rowsOf, T0 } from '../../support/traces.js';

/** n traces, each of the spans that `make` gives. */
function evidence(n: number, make: (trace: number) => readonly PlainSpan[], lag = 100): Evidence {
  const assembler = new TraceAssembler(T0 - 1);
  for (let trace = 0; trace < n; trace++) assembler.add(factsOf(make(trace)), () => true, T0 + lag);
  assembler.advance(T0 + 60_000 + lag);
  return evidenceOf(rowsOf(assembler, T0 + 60_000 + lag));
}

const root = (trace: number, more: Partial<PlainSpan> = {}): PlainSpan => ({
  trace,
  id: 1,
  kind: KIND_SERVER,
  ...more,
});
const child = (trace: number, more: Partial<PlainSpan> = {}): PlainSpan => ({ trace, id: 2, parent: 1, ...more });

interface Case {
  readonly id: string;
  readonly what: string;
  readonly make: (trace: number) => readonly PlainSpan[];
  readonly verdict: string;
  readonly value?: number | null;
}

const CASES: readonly Case[] = [
  {
    id: 'orphan_spans',
    what: 'INTERNAL without parent',
    make: (t) => [root(t), child(t, { parent: 9 })],
    verdict: 'fail',
    value: 0.5,
  },
  {
    id: 'orphan_spans',
    what: 'a SERVER span misses somebody unknown',
    make: (t) => [root(t, { parent: 9 })],
    verdict: 'pass',
    value: 0,
  },
  { id: 'orphan_spans', what: 'whole', make: (t) => [root(t), child(t)], verdict: 'pass', value: 0 },
  {
    id: 'rootless_traces',
    what: 'a SERVER span with a parent',
    make: (t) => [root(t, { parent: 9 })],
    verdict: 'fail',
    value: 1,
  },
  { id: 'client_roots', what: 'CLIENT root', make: (t) => [root(t, { kind: KIND_CLIENT })], verdict: 'fail', value: 1 },
  {
    ...{ id: 'client_roots', what: 'CLIENT root of a browser', verdict: 'not_applicable', value: null },
    make: (t) => [root(t, { kind: KIND_CLIENT, flags: FROM_BROWSER })],
  },
  {
    ...{ id: 'broken_propagation', what: 'a call that is answered', verdict: 'pass', value: 0 },
    make: (t) => [
      root(t, { start: t * 100 }),
      child(t, { kind: KIND_CLIENT, peer: 5, start: t * 100, took: 50 }),
      { trace: t, id: 3, parent: 2, kind: KIND_SERVER, service: 'orders', peer: 5, start: t * 100 + 1 },
    ],
  },
  {
    ...{ id: 'broken_propagation', what: 'a call that arrives as a new trace', verdict: 'fail', value: 1 },
    make: (t) => [
      root(t, { start: t * 100 }),
      child(t, { kind: KIND_CLIENT, peer: 5, start: t * 100, took: 50 }),
      { trace: t + 5000, id: 3, kind: KIND_SERVER, service: 'orders', peer: 5, start: t * 100 + 1 },
    ],
  },
  {
    ...{ id: 'broken_propagation', what: 'the same, with the name of the service', verdict: 'fail', value: 1 },
    make: (t) => [
      root(t, { start: t * 100 }),
      child(t, { kind: KIND_CLIENT, peer: hashOf('orders'), flags: PEER_BY_NAME, start: t * 100, took: 50 }),
      { trace: t + 5000, id: 3, kind: KIND_SERVER, service: 'orders', start: t * 100 + 1 },
    ],
  },
  {
    ...{
      id: 'broken_propagation',
      what: 'no span at the other side, which may be sampled',
      verdict: 'insufficient_evidence',
    },
    make: (t) => [
      root(t),
      child(t, { kind: KIND_CLIENT, peer: 5 }),
      { trace: t, id: 7, parent: 1, kind: KIND_SERVER, service: 'orders', peer: 5, start: 9_000 },
    ],
  },
  {
    ...{ id: 'broken_propagation', what: 'a call to who sends no spans', verdict: 'not_applicable', value: null },
    make: (t) => [root(t), child(t, { kind: KIND_CLIENT, peer: 6 })],
  },
  {
    ...{ id: 'broken_propagation', what: 'a CLIENT span around the CLIENT span that calls', verdict: 'pass', value: 0 },
    make: (t) => [
      root(t),
      child(t, { kind: KIND_CLIENT, peer: 5 }),
      { trace: t, id: 3, parent: 2, kind: KIND_CLIENT, peer: 5 },
      { trace: t, id: 4, parent: 3, kind: KIND_SERVER, service: 'orders', peer: 5 },
    ],
  },
  { id: 'spans_per_trace_p99', what: 'two each', make: (t) => [root(t), child(t)], verdict: 'pass', value: 2 },
  {
    ...{ id: 'many_short_spans', what: '21 under 5 ms', verdict: 'fail', value: 1 },
    make: (t) => [
      root(t),
      ...Array.from({ length: 21 }, (_, i) => child(t, { id: 10 + i, took: 4, kind: KIND_CLIENT })),
    ],
  },
  {
    ...{ id: 'many_short_spans', what: '20 under 5 ms and some of 5 ms', verdict: 'pass', value: 0 },
    make: (t) => [
      root(t),
      ...Array.from({ length: 30 }, (_, i) => child(t, { id: 10 + i, took: i < 20 ? 4 : 5, kind: 3 })),
    ],
  },
  {
    ...{ id: 'many_internal_spans', what: '11 INTERNAL spans', verdict: 'fail', value: 1 },
    make: (t) => [root(t), ...Array.from({ length: 11 }, (_, i) => child(t, { id: 10 + i, took: 50 }))],
  },
  {
    ...{ id: 'many_internal_spans', what: '12 of two services', verdict: 'pass', value: 0 },
    make: (t) =>
      Array.from({ length: 12 }, (_, i) => child(t, { id: 10 + i, took: 50, service: i % 2 === 0 ? 'web' : 'shop' })),
  },
  { id: 'single_span_traces', what: 'one span', make: (t) => [root(t)], verdict: 'not_applicable', value: 1 },
  { id: 'retried_spans', what: 'every span twice', make: (t) => [root(t), root(t)], verdict: 'fail', value: 0.5 },
  {
    ...{ id: 'shared_span_ids', what: 'both sides of a call', verdict: 'not_applicable', value: 0.5 },
    make: (t) => [root(t, { kind: KIND_CLIENT }), root(t, { kind: KIND_SERVER, service: 'orders' })],
  },
  {
    ...{ id: 'span_id_collisions', what: 'both sides of a call are none', verdict: 'pass', value: 0 },
    make: (t) => [root(t, { kind: KIND_CLIENT }), root(t, { kind: KIND_SERVER, service: 'orders' })],
  },
  {
    ...{ id: 'span_id_collisions', what: 'two spans under one id', verdict: 'fail', value: 1 },
    make: (t) => [root(t), root(t, { variant: 1 })],
  },
  {
    id: 'spans_without_ids',
    what: 'no span id',
    make: (t) => [root(t), child(t, { id: -1 })],
    verdict: 'fail',
    value: 0.5,
  },
  {
    id: 'negative_durations',
    what: 'ends before it begins',
    make: (t) => [root(t, { took: -3 })],
    verdict: 'fail',
    value: 1,
  },
  { id: 'zero_durations', what: 'takes no time', make: (t) => [root(t, { took: 0 })], verdict: 'fail', value: 1 },
  {
    id: 'future_spans',
    what: '10 minutes ahead',
    make: (t) => [root(t, { start: 600_000 })],
    verdict: 'fail',
    value: 1,
  },
  { id: 'future_spans', what: '1 minute ahead', make: (t) => [root(t, { start: 60_000 })], verdict: 'pass', value: 0 },
  {
    id: 'late_spans',
    what: '7 hours late',
    make: (t) => [root(t, { start: -7 * 3_600_000 })],
    verdict: 'fail',
    value: 1,
  },
  { id: 'dropped_data', what: 'one of six dropped', make: (t) => [root(t, { dropped: 1 })], verdict: 'fail' },
  { id: 'dropped_data', what: 'nothing dropped', make: (t) => [root(t)], verdict: 'pass', value: 0 },
  {
    id: 'error_spans',
    what: 'an error',
    make: (t) => [root(t, { error: true }), child(t)],
    verdict: 'not_applicable',
    value: 0.5,
  },
  {
    id: 'error_traces',
    what: 'an error',
    make: (t) => [root(t), child(t, { error: true })],
    verdict: 'fail',
    value: 1,
  },
  {
    ...{ id: 'http_errors_without_status', what: '500 without ERROR', verdict: 'fail', value: 1 },
    make: (t) => [root(t, { flags: HTTP_5XX })],
  },
  {
    ...{ id: 'http_errors_without_status', what: '500 with ERROR', verdict: 'pass', value: 0 },
    make: (t) => [root(t, { flags: HTTP_5XX, error: true })],
  },
  { id: 'http_errors_without_status', what: 'none', make: (t) => [root(t)], verdict: 'not_applicable', value: null },
  {
    ...{ id: 'errors_without_type', what: 'ERROR alone', verdict: 'fail', value: 1 },
    make: (t) => [root(t, { error: true })],
  },
  {
    ...{ id: 'errors_without_type', what: 'ERROR with its type', verdict: 'pass', value: 0 },
    make: (t) => [root(t, { error: true, flags: HAS_ERROR_TYPE })],
  },
  { id: 'baggage_in_spans', what: 'copied', make: (t) => [root(t, { flags: HAS_BAGGAGE })], verdict: 'fail', value: 1 },
  {
    ...{ id: 'cold_starts', what: 'every second', verdict: 'not_applicable', value: 0.5 },
    make: (t) => [root(t, { flags: t % 2 === 0 ? COLD_START : WARM_START })],
  },
  {
    ...{ id: 'missing_profile_links', what: 'every second has none', verdict: 'fail', value: 0.5 },
    make: (t) => [root(t, { flags: t % 2 === 0 ? HAS_PROFILE : 0 })],
  },
  {
    id: 'missing_profile_links',
    what: 'nobody profiles',
    make: (t) => [root(t)],
    verdict: 'not_applicable',
    value: null,
  },
  {
    ...{ id: 'clock_skew_p95', what: 'half a second', verdict: 'fail' },
    make: (t) => [root(t, { host: 1 }), child(t, { host: 2, service: 'orders', kind: KIND_SERVER, start: -500 })],
  },
  {
    ...{ id: 'clock_skew_p95', what: 'within the parent', verdict: 'pass', value: 0 },
    make: (t) => [root(t, { host: 1 }), child(t, { host: 2, service: 'orders', kind: KIND_SERVER, start: 2, took: 3 })],
  },
  {
    ...{ id: 'clock_skew_p95', what: 'a message that is worked on later', verdict: 'not_applicable', value: null },
    make: (t) => [
      root(t, { host: 1, kind: KIND_PRODUCER }),
      child(t, { host: 2, service: 'orders', kind: KIND_CONSUMER, start: 500 }),
    ],
  },
  {
    ...{ id: 'clock_skew_p95', what: 'one host', verdict: 'not_applicable', value: null },
    make: (t) => [root(t, { host: 1 }), child(t, { host: 1, start: -500 })],
  },
  { id: 'ingest_lag_p95', what: 'at once', make: (t) => [root(t)], verdict: 'pass' },
  { id: 'ingest_lag_p95', what: 'a minute', make: (t) => [root(t, { start: -60_000 })], verdict: 'fail' },
  {
    id: 'missing_service_version',
    what: 'missing',
    make: (t) => [root(t, { resource: { keys: HAS_NAME } })],
    verdict: 'fail',
    value: 1,
  },
  {
    id: 'missing_environment',
    what: 'missing',
    make: (t) => [root(t, { resource: { keys: HAS_NAME } })],
    verdict: 'fail',
    value: 1,
  },
  {
    id: 'missing_environment',
    what: 'there',
    make: (t) => [root(t, { resource: { keys: HAS_ENVIRONMENT } })],
    verdict: 'pass',
    value: 0,
  },
  {
    id: 'missing_instance_id',
    what: 'missing',
    make: (t) => [root(t, { resource: { keys: HAS_NAME } })],
    verdict: 'fail',
    value: 1,
  },
  {
    id: 'missing_sdk_version',
    what: 'there',
    make: (t) => [root(t, { resource: { keys: ALL_KEYS } })],
    verdict: 'pass',
    value: 0,
  },
  { id: 'missing_revision', what: 'missing', make: (t) => [root(t)], verdict: 'not_applicable', value: 1 },
  {
    id: 'unknown_service',
    what: 'unknown',
    make: (t) => [root(t, { service: 'unknown_service:node' })],
    verdict: 'fail',
    value: 1,
  },
  { id: 'unknown_service', what: 'named', make: (t) => [root(t)], verdict: 'pass', value: 0 },
  {
    id: 'sampling_rate',
    what: 'one in four',
    make: (t) => [root(t, { threshold: 0.75 })],
    verdict: 'not_applicable',
    value: 0.25,
  },
  { id: 'sampling_rate', what: 'not said', make: (t) => [root(t)], verdict: 'not_applicable', value: null },
  { id: 'root_duration_p95', what: '10 ms', make: (t) => [root(t)], verdict: 'not_applicable' },
  {
    id: 'trace_coverage',
    what: 'nobody counted requests',
    make: (t) => [root(t)],
    verdict: 'insufficient_evidence',
    value: null,
  },
];

describe('indicators', () => {
  test.each(CASES.map((c) => [`${c.id}: ${c.what}`, c] as const))('%s', (_, { id, make, verdict, value }) => {
    const { verdict: found, value: shown, n, interval } = judge(evidence(40, make), id);
    expect(found).toBe(verdict);
    if (typeof value === 'number') expect(shown).toBeCloseTo(value, 1);
    if (value === null) expect(shown).toBeNull();
    if (shown !== null && interval !== null) {
      expect(interval.low).toBeLessThanOrEqual(shown + 1e-9);
      expect(interval.high).toBeGreaterThanOrEqual(shown - 1e-9);
      expect(n).toBeGreaterThan(0);
    }
  });

  test('every indicator has a case or stands alone below', () => {
    const covered = new Set(CASES.map(({ id }) => id));
    const alone = [
      'spans_per_trace_p50',
      'spans_per_trace_p95',
      'orphan_traces',
      'root_duration_p99',
      'cost_per_trace',
      'silent_services',
    ];
    expect(
      INDICATORS.map(({ id }) => id)
        .filter((id) => !covered.has(id))
        .sort(),
    ).toEqual(alone.sort());
    expect(new Set(INDICATORS.map(({ id }) => id)).size).toBe(INDICATORS.length);
  });

  test('every indicator has a remedy', () => {
    expect(Object.keys(REMEDIES).sort()).toEqual(INDICATORS.map(({ id }) => id).sort());
  });

  test('29 of anything are not enough, 30 are', () => {
    const make = (trace: number) => [root(trace), child(trace, { parent: 9, error: true, took: -1 })];
    for (const id of [
      'orphan_traces',
      'rootless_traces',
      'negative_durations',
      'errors_without_type',
      'error_traces',
    ]) {
      expect(judge(evidence(29, make), id).verdict).toBe('insufficient_evidence');
      expect(['pass', 'fail']).toContain(judge(evidence(30, make), id).verdict);
    }
  });

  test('coverage, cost and silence follow from what is known elsewhere', () => {
    const known = evidence(40, (t) => [root(t), child(t)]);
    const covered = (total: number, traced: number) =>
      judge({ ...known, requests: { total, traced } }, 'trace_coverage');
    expect(covered(1000, 950)).toMatchObject({ verdict: 'pass', value: 0.95, n: 1000 });
    expect(covered(1000, 850)).toMatchObject({ verdict: 'fail', value: 0.85 });
    expect(covered(1000, 1040)).toMatchObject({ verdict: 'pass', value: 1 });
    expect(covered(1000, 2000)).toMatchObject({ verdict: 'insufficient_evidence', value: null });
    expect(judge({ ...known, costPerSpan: 0.01 }, 'cost_per_trace').value).toBeCloseTo(0.02);
    expect(judge(known, 'cost_per_trace').verdict).toBe('not_applicable');
    expect(judge({ ...known, silent: { services: 1, of: 3 } }, 'silent_services').verdict).toBe('fail');
    expect(judge({ ...known, silent: { services: 0, of: 3 } }, 'silent_services').verdict).toBe('pass');
  });

  test('every entry of the field guide names indicators that there are, or says who answers', () => {
    const ids = new Set(INDICATORS.map(({ id }) => id));
    expect(FIELD_GUIDE.map(({ id }) => id)).toEqual(
      [...'123456789'].map((n) => `M${n}`).concat([...'1234567'].map((n) => `F${n}`)),
    );
    for (const { indicators, elsewhere } of FIELD_GUIDE) {
      expect(indicators.filter((id) => !ids.has(id))).toEqual([]);
      expect(indicators.length + elsewhere.length).toBeGreaterThan(0);
    }
  });
});

describe('formulas', () => {
  test('clock skew, as Jaeger has it', () => {
    expect(clockSkew(0, 100, 10, 60)).toBe(0);
    expect(clockSkew(0, 100, -20, 30)).toBe(45); // centred: 0 + (100 − 50)/2 − (−20)
    expect(clockSkew(0, 100, 80, 130)).toBe(-55);
    expect(clockSkew(0, 100, -20, 180)).toBe(20); // longer than its parent: they begin together
    expect(clockSkew(0, 100, 20, 220)).toBe(0);
  });

  test('intervals', () => {
    // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for (const [x, n, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ] as const) {
      const interval = wilson(x / n, n);
      expect(interval.low).toBeCloseTo(low, 4);
      expect(interval.high).toBeCloseTo(high, 4);
    }
    expect(effectiveSize(100, 100)).toBe(100);
    expect(effectiveSize(100, 10 * 100)).toBe(10);
  });

  test('rejection thresholds of tracestate', () => {
    const threshold = (text: string) => {
      const bytes = new TextEncoder().encode(`x${text}y`);
      return thresholdOf(bytes, 1, bytes.length - 1);
    };
    expect(threshold('ot=th:0')).toBe(0);
    expect(threshold('ot=th:8')).toBe(0.5);
    expect(threshold('ot=th:c')).toBe(0.75);
    expect(1 / (1 - threshold('vendor=1, ot=rv:12345678901234;th:fd70a4,b=c'))).toBeCloseTo(100, 3);
    for (const text of [
      '',
      'ot=',
      'ot=th:',
      'ot=th:g',
      'ot=th:123456789012345',
      'rot=th:8',
      'ot=rv:8',
      'a=th:8',
      'ot=xth:8',
    ]) {
      expect(threshold(text)).toBe(-1);
    }
  });

  test('histograms keep quantiles within their error, however they are merged', () => {
    const values = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 5000) ** 1.5 / 10);
    const one = new QuantileSketch();
    const parts = Array.from({ length: 7 }, () => new QuantileSketch());
    for (const [i, value] of values.entries()) {
      one.add(value);
      parts[i % 7]!.add(value);
    }
    const merged = new QuantileSketch();
    for (const part of parts.reverse()) merged.merge(QuantileSketch.fromList(part.toList()));
    const sorted = [...values].sort((a, b) => a - b);
    for (const q of [0, 0.01, 0.5, 0.95, 0.99, 1]) {
      const exact = sorted[Math.floor(q * (values.length - 1))]!;
      expect(Math.abs(one.quantile(q)! - exact)).toBeLessThanOrEqual(exact * QuantileSketch.ERROR * 1.0001);
      expect(merged.quantile(q)).toBe(one.quantile(q));
    }
    expect(merged.count).toBe(5000);
    expect(new QuantileSketch().quantile(0.5)).toBeNull();
    const { low, high } = quantileInterval(one, 0.95);
    expect(low).toBeLessThan(sorted[4750]!);
    expect(high).toBeGreaterThan(sorted[4750]!);
  });

  test('a body is read as it was stored, and what nobody knows any more is left out', () => {
    const body = emptyBody('service');
    body.counts.spans = 3;
    body.histograms.lag.add(12);
    body.sketches.instances.add(2 ** 40);
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const stored = JSON.parse(JSON.stringify(storeBody(body, hex)));
    expect(stored.counts).toEqual({ spans: 3 });
    stored.counts.forgotten = 1;
    const read = readBody('service', stored, (text) => Buffer.from(text, 'hex'));
    expect(read.counts).toEqual(body.counts);
    expect(read.histograms.lag.quantile(0.5)).toBe(body.histograms.lag.quantile(0.5));
    expect(read.sketches.instances.estimate().distinct).toBe(1);
  });
});
