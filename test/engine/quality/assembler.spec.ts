import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { KIND_CLIENT, KIND_INTERNAL, KIND_SERVER } from '../../../src/engine/model/span-facts.js';
import { DEFAULT_ASSEMBLER_LIMITS, TraceAssembler } from '../../../src/engine/quality/assembler.js';
import type { PartRow } from '../../../src/engine/quality/evidence.js';
import { evidenceOf, factsOf, judge, type PlainSpan, rowsOf, T0 } from '../../support/traces.js';

const IDLE = DEFAULT_ASSEMBLER_LIMITS.idleMs;
const everything = () => true;
/** Room for all traces of a test. */
const SMALL = { ...DEFAULT_ASSEMBLER_LIMITS, maxTraces: 1024, maxSpans: 8192, maxSpansPerTrace: 100, maxEnded: 1024 };
const JUDGED = ['orphan_traces', 'orphan_spans', 'rootless_traces', 'broken_propagation', 'many_internal_spans'];
const DECIDED = new Set(['pass', 'fail']);

/** A trace of a shop: web calls orders; what goes wrong in it is known. */
interface TrueTrace {
  readonly spans: readonly PlainSpan[];
  readonly orphan: boolean;
  readonly rootless: boolean;
  readonly broken: boolean;
  readonly internal: boolean;
}

interface Fault {
  readonly orphan: boolean;
  readonly rootless: boolean;
  readonly broken: boolean;
  readonly internal: boolean;
}

const NO_FAULT: Fault = { orphan: false, rootless: false, broken: false, internal: false };
const ORDERS = 77;

/** Traces 2n and 2n + 1: the second one is where a call whose context was lost arrives. */
function trueTrace(n: number, fault: Fault): TrueTrace {
  const trace = 2 * n;
  const start = 60 * n;
  const id = 1000 * n;
  const web = { trace, service: 'web', start: start + 1 };
  const spans: PlainSpan[] = [
    { ...web, id: id + 1, kind: KIND_SERVER, start, took: 100, ...(fault.rootless && { parent: id + 999 }) },
    { ...web, id: id + 2, parent: id + 1, kind: KIND_CLIENT, took: 50, peer: ORDERS },
    { ...web, id: id + 3, parent: fault.orphan ? id + 998 : id + 1, kind: KIND_INTERNAL, took: 20 },
  ];
  const called = { service: 'orders', kind: KIND_SERVER, start: start + 2, took: 40, peer: ORDERS };
  if (fault.broken) spans.push({ ...called, trace: trace + 1, id: id + 4 });
  else spans.push({ ...called, trace, id: id + 4, parent: id + 2 });
  const inner = { ...web, parent: id + 1, kind: KIND_INTERNAL, took: 9 };
  for (let i = 0; i < (fault.internal ? 12 : 0); i++) spans.push({ ...inner, id: id + 10 + i });
  return { spans, ...fault };
}

interface Delivery {
  readonly at: number;
  readonly spans: readonly PlainSpan[];
}

/** What one process makes of deliveries. */
function assemble(
  deliveries: readonly Delivery[],
  options: { started?: number; process?: string } = {},
): PartRow<never>[] {
  const { started = T0 - 1, process = 'a' } = options;
  const assembler = new TraceAssembler(started, SMALL);
  const last = deliveries.reduce((latest, { at }) => Math.max(latest, at), T0);
  for (const { at, spans } of [...deliveries].sort((a, b) => a.at - b.at))
    assembler.add(factsOf(spans), everything, at);
  assembler.advance(last + IDLE + 1);
  return rowsOf(assembler, last + IDLE + 1, process, started);
}

function verdicts(rows: readonly PartRow<never>[], service?: string): Record<string, string> {
  const evidence = evidenceOf(rows, service === undefined ? {} : { service });
  return Object.fromEntries(JUDGED.map((id) => [id, judge(evidence, id).verdict]));
}

/** Verdicts that differ from the true ones, although they say that they know. */
function wrongVerdicts(found: Record<string, string>, truth: Record<string, string>): string[] {
  return JUDGED.filter((id) => DECIDED.has(found[id]!) && found[id] !== truth[id]).map((id) => `${id}: ${found[id]}`);
}

const faults = fc.record({
  orphan: fc.boolean(),
  rootless: fc.boolean(),
  broken: fc.boolean(),
  internal: fc.boolean(),
});
/** Mostly good traces, with some share of bad ones. */
const traces = fc
  .tuple(fc.integer({ min: 40, max: 90 }), fc.array(faults, { maxLength: 6 }))
  .map(([n, bad]) => Array.from({ length: n }, (_, i) => trueTrace(i, bad[i] ?? NO_FAULT)));

/** What the faults that were built in come to, worked out without the assembler. */
function truth(of: readonly TrueTrace[]): Record<string, string> {
  const share = (x: number, n: number): string => (x / n > 0.01 ? 'fail' : 'pass');
  const n = of.length;
  const count = (has: (t: TrueTrace) => boolean): number => of.filter(has).length;
  const broken = count((t) => t.broken);
  const spans = of.reduce((sum, t) => sum + t.spans.length, 0);
  return {
    orphan_traces: share(
      count((t) => t.orphan),
      2 * n,
    ),
    orphan_spans: share(
      count((t) => t.orphan),
      spans,
    ),
    rootless_traces: share(
      count((t) => t.rootless),
      n + broken,
    ),
    broken_propagation: share(broken, n),
    many_internal_spans: share(
      count((t) => t.internal),
      2 * n,
    ),
  };
}

const allSpans = (of: readonly TrueTrace[]): PlainSpan[] => of.flatMap((t) => [...t.spans]);
/** Spans of all traces in an order that a seed makes, in deliveries of a few, a second apart at most. */
const shuffle = <T>(list: readonly T[], seed: number): T[] => {
  let state = seed;
  const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  return list
    .map((item) => [random(), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item);
};
function deliver(spans: readonly PlainSpan[], size: number, from = T0 + 10_000): Delivery[] {
  return Array.from({ length: Math.ceil(spans.length / size) }, (_, i) => ({
    at: from + i * 10,
    spans: spans.slice(i * size, (i + 1) * size),
  }));
}

describe('the trace assembler', () => {
  test('in order, the verdicts are the true ones', () => {
    fc.assert(
      fc.property(traces, (of) => {
        expect(verdicts(assemble(deliver(allSpans(of), 50)))).toEqual(truth(of));
      }),
      { numRuns: 100 },
    );
  });

  test('shuffled and duplicated, the verdicts and all counts but those of retries are the same', () => {
    fc.assert(
      fc.property(traces, fc.integer(), fc.integer({ min: 1, max: 40 }), (of, seed, size) => {
        const spans = allSpans(of);
        const again = shuffle(spans, seed + 1).slice(0, spans.length / 3);
        const rows = assemble(deliver(shuffle([...spans, ...again], seed), size));
        expect(verdicts(rows)).toEqual(truth(of));
        const { counts } = evidenceOf(rows).all;
        const inOrder = evidenceOf(assemble(deliver(spans, size))).all.counts;
        expect(counts.retries).toBe(again.length);
        // What is counted per resource of a request is more in more requests.
        const bySpan = (all: object): object =>
          Object.fromEntries(
            Object.entries(all).filter(([name]) => !/^(?:resources|kept|retries|without.*)$/.test(name)),
          );
        expect(bySpan(counts)).toEqual(bySpan(inOrder));
      }),
      { numRuns: 100 },
    );
  });

  test('late spans, however late, never make a verdict wrong', () => {
    fc.assert(
      fc.property(
        traces,
        fc.integer(),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 40 }),
        (of, seed, share, minutes) => {
          const spans = shuffle(allSpans(of), seed);
          const late = spans.slice(0, Math.floor((spans.length * share) / 100));
          const onTime = spans.slice(late.length);
          const rows = assemble([...deliver(onTime, 20), ...deliver(late, 20, T0 + 60_000 * (1 + minutes))]);
          expect(wrongVerdicts(verdicts(rows), truth(of))).toEqual([]);
          expect(wrongVerdicts(verdicts(rows, 'web'), truthOfWeb(of))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('late spans of traces that are forgotten never make a verdict wrong', () => {
    fc.assert(
      fc.property(traces, fc.integer(), (of, seed) => {
        const spans = shuffle(allSpans(of), seed);
        const late = spans.slice(0, 20);
        const assembler = new TraceAssembler(T0 - 1, { ...SMALL, maxEnded: 4 });
        for (const { at, spans: some } of deliver(spans.slice(20), 20)) assembler.add(factsOf(some), everything, at);
        for (const { at, spans: some } of deliver(late, 5, T0 + 300_000)) assembler.add(factsOf(some), everything, at);
        assembler.advance(T0 + 600_000);
        expect(wrongVerdicts(verdicts(rowsOf(assembler, T0 + 600_000)), truth(of))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test('split over two processes, by span or by trace, the verdicts are never wrong', () => {
    fc.assert(
      fc.property(traces, fc.integer(), fc.boolean(), (of, seed, byTrace) => {
        const spans = shuffle(allSpans(of), seed);
        const isFirst = (span: PlainSpan, i: number): boolean => (byTrace ? span.trace % 4 < 2 : i % 2 === 0);
        const one = assemble(deliver(spans.filter(isFirst), 20), { process: 'a' });
        const other = assemble(
          deliver(
            spans.filter((span, i) => !isFirst(span, i)),
            20,
          ),
          { process: 'b' },
        );
        const found = verdicts([...one, ...other]);
        expect(wrongVerdicts(found, truth(of))).toEqual([]);
        expect(found.orphan_traces).toBe('insufficient_evidence');
      }),
      { numRuns: 100 },
    );
  });

  test('split by trace, with the word of the configuration that traces are whole, the verdicts are the true ones', () => {
    const of = Array.from({ length: 80 }, (_, i) =>
      trueTrace(i, { ...NO_FAULT, orphan: i < 5, rootless: i % 30 === 7 }),
    );
    const spans = allSpans(of);
    const rows = [0, 2].flatMap((rest) =>
      assemble(
        deliver(
          spans.filter(({ trace }) => trace % 4 === rest),
          20,
        ),
        { process: `p${rest}` },
      ),
    );
    const evidence = evidenceOf(rows, { mode: 'whole' });
    expect(Object.fromEntries(JUDGED.map((id) => [id, judge(evidence, id).verdict]))).toEqual(truth(of));
    const partial = evidenceOf(rows, { mode: 'partial' });
    expect(judge(partial, 'orphan_traces')).toMatchObject({
      verdict: 'insufficient_evidence',
      reason: 'the configuration says that traces do not come whole',
    });
  });

  test('one process after the other, as in a restart, is no split', () => {
    const of = Array.from({ length: 120 }, (_, i) => trueTrace(i * 10, { ...NO_FAULT, orphan: i % 10 === 0 }));
    const before = assemble(deliver(allSpans(of.slice(0, 60)), 20, T0 + 10_000), { process: 'a' });
    const later = allSpans(of.slice(60)).map((span) => ({ ...span, start: span.start! + 100_000 }));
    const after = assemble(deliver(later, 20, T0 + 200_000), { process: 'b', started: T0 + 80_000 });
    expect(verdicts([...before, ...after]).orphan_traces).toBe('fail');
  });

  test('a trace that began before the process did is not whole', () => {
    const of = Array.from({ length: 60 }, (_, i) => trueTrace(i, { ...NO_FAULT, rootless: true }));
    const rows = assemble(deliver(allSpans(of), 20), { started: T0 + 5_000 });
    expect(evidenceOf(rows).all.counts).toMatchObject({ rootless: 0, entered: 60, enteredUnknown: 60 });
    expect(verdicts(rows).rootless_traces).toBe('insufficient_evidence');
  });

  test('spans that were sampled differently make their trace not whole', () => {
    const of = Array.from({ length: 60 }, (_, i) => trueTrace(i, { ...NO_FAULT, orphan: true }));
    const mixed = allSpans(of).map((span) => ({ ...span, threshold: span.service === 'web' ? 0 : 0.5 }));
    expect(verdicts(assemble(deliver(mixed, 20))).orphan_traces).toBe('insufficient_evidence');
    const alike = mixed.map((span) => ({ ...span, threshold: 0.5 }));
    const rows = assemble(deliver(alike, 20));
    expect(verdicts(rows).orphan_traces).toBe('fail');
    expect(judge(evidenceOf(rows), 'sampling_rate').value).toBeCloseTo(0.5);
  });

  test('fewer than 30 traces are not enough', () => {
    const of = Array.from({ length: 14 }, (_, i) => trueTrace(i, { ...NO_FAULT, orphan: true }));
    expect(verdicts(assemble(deliver(allSpans(of), 20)))).toMatchObject({
      orphan_traces: 'insufficient_evidence',
      rootless_traces: 'insufficient_evidence',
    });
  });

  test('a part of a request that was counted before is left out', () => {
    const assembler = new TraceAssembler(T0 - 1);
    assembler.add(factsOf(trueTrace(1, NO_FAULT).spans), (service) => service !== 'orders', T0 + 10_000);
    assembler.advance(T0 + 100_000);
    const rows = rowsOf(assembler, T0 + 100_000);
    expect(new Set(rows.filter((row) => row.subject === 'service').map((row) => row.service))).toEqual(
      new Set(['web']),
    );
  });

  test('whole traces count in the end, those that the end of the process cuts off do not', () => {
    const assembler = new TraceAssembler(T0 - 1);
    assembler.add(factsOf(trueTrace(1, NO_FAULT).spans), everything, T0 + 10_000);
    assembler.add(factsOf(trueTrace(2, NO_FAULT).spans), everything, T0 + 30_000);
    assembler.close(T0 + 10_000 + IDLE);
    const { counts } = evidenceOf(rowsOf(assembler, T0 + 50_000)).all;
    expect(counts).toMatchObject({ entered: 2, enteredUnknown: 1 });
  });
});

function truthOfWeb(of: readonly TrueTrace[]): Record<string, string> {
  const share = (has: (t: TrueTrace) => boolean, n: number): string =>
    of.filter(has).length / n > 0.01 ? 'fail' : 'pass';
  const spans = of.reduce((sum, t) => sum + t.spans.filter((s) => s.service === 'web').length, 0);
  return {
    orphan_traces: share((t) => t.orphan, of.length),
    orphan_spans: share((t) => t.orphan, spans),
    rootless_traces: share((t) => t.rootless, of.length),
    broken_propagation: share((t) => t.broken, of.length),
    many_internal_spans: share((t) => t.internal, of.length),
  };
}

describe('bounds of the window', () => {
  const limits = { ...DEFAULT_ASSEMBLER_LIMITS, maxTraces: 256, maxSpans: 1024, maxSpansPerTrace: 50 };

  test('a trace with too many spans is not whole, and what is certain of it is', () => {
    const assembler = new TraceAssembler(T0 - 1, limits);
    const spans = Array.from(
      { length: 200 },
      (_, i): PlainSpan => ({
        ...{ trace: 1, id: i, took: 1, kind: KIND_INTERNAL },
        ...(i > 0 && { parent: 0 }),
      }),
    );
    assembler.add(factsOf(spans), everything, T0 + 1_000);
    assembler.advance(T0 + 1_000 + IDLE);
    const evidence = evidenceOf(rowsOf(assembler, T0 + 60_000));
    expect(evidence.all.counts).toMatchObject({ spans: 50, traces: 1, unknown: 1, manyInternal: 1, shortTraces: 1 });
    expect(evidence.window).toMatchObject({ capped: 1 });
  });

  test('when more comes than fits, whole traces are left out, and the verdicts stay true', () => {
    const assembler = new TraceAssembler(T0 - 1, limits);
    const of = Array.from({ length: 8_000 }, (_, i) => trueTrace(i, { ...NO_FAULT, orphan: i % 10 === 0 }));
    const pace = 60;
    for (const [i, { spans }] of of.entries()) assembler.add(factsOf(spans), everything, T0 + 1_000 + i * pace);
    const end = T0 + 1_000 + of.length * pace + IDLE;
    assembler.advance(end);
    const evidence = evidenceOf(rowsOf(assembler, end));
    const { traces, unknown } = evidence.all.counts;
    expect(evidence.window).toMatchObject({ evicted: 0, capped: 0 });
    expect(evidence.window.skippedSpans + evidence.all.counts.spans).toBe(32_000);
    expect(evidence.window.skippedSpans).toBeGreaterThan(16_000);
    expect(traces).toBeGreaterThan(1_500);
    expect(unknown).toBeLessThan(traces / 10);
    const orphans = judge(evidence, 'orphan_traces');
    expect(orphans).toMatchObject({ verdict: 'fail' });
    // One in ten traces, which are two in the eyes of two services.
    expect(orphans.interval!.low).toBeLessThan(0.05);
    expect(orphans.interval!.high).toBeGreaterThan(0.05);
    expect(judge(evidence, 'rootless_traces').verdict).not.toBe('fail');
  });

  test('a trace that does not end in time ends all the same', () => {
    const assembler = new TraceAssembler(T0 - 1);
    for (let i = 0; i < 100; i++) {
      assembler.add(factsOf([{ trace: 1, id: i, parent: 500, start: i * 20_000 }]), everything, T0 + i * 20_000 + 100);
    }
    assembler.advance(T0 + 3_000_000);
    const evidence = evidenceOf(rowsOf(assembler, T0 + 3_000_000));
    expect(evidence.window.aged).toBe(2);
    expect(evidence.all.counts).toMatchObject({ rootless: 0, orphans: 0 });
  });
});
