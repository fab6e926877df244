import { expect, test } from '@jest/globals';
import type { QualityBody } from '../../../src/engine/model/quality.js';
import { readBody, storeBody } from '../../../src/engine/model/quality.js';
import { DEFAULT_ASSEMBLER_LIMITS, TraceAssembler } from '../../../src/engine/quality/assembler.js';
import { factsOf, type PlainSpan, rowsOf, T0 } from '../../support/traces.js';

/** Rows of operations that begin traces, by service and name. */
function operationsOf(spans: readonly PlainSpan[]): Map<string, QualityBody<'operation'>> {
  const assembler = new TraceAssembler(T0 - 1, DEFAULT_ASSEMBLER_LIMITS);
  const end = T0 + DEFAULT_ASSEMBLER_LIMITS.idleMs + 1;
  assembler.add(factsOf(spans), () => true, T0);
  assembler.advance(end);
  const rows = rowsOf(assembler, end) as unknown as {
    subject: string;
    service: string;
    names: string[];
    body: QualityBody<'operation'>;
  }[];
  const own = rows.filter(({ subject, body }) => subject === 'operation' && body.counts.traces > 0);
  return new Map(own.map(({ service, names, body }) => [`${service} ${names[0]}`, body]));
}

test('traces count where they begin: their spans in all services, bytes, errors and how long they take', () => {
  const cart = { name: 'GET /cart', kind: 2, bytes: 300 };
  const spans: PlainSpan[] = [
    // From 0 to 500 ms over two services, and the same span again, which does not count.
    { trace: 1, id: 1, ...cart, took: 100 },
    { trace: 1, id: 2, parent: 1, service: 'orders', name: 'SELECT', start: 400, took: 100, bytes: 200 },
    { trace: 1, id: 2, parent: 1, service: 'orders', name: 'SELECT', start: 400, took: 100, bytes: 200 },
    // An error anywhere in it; sampled at one of four.
    { trace: 2, id: 1, ...cart, threshold: 0.75 },
    { trace: 2, id: 2, parent: 1, service: 'orders', name: 'SELECT', error: true, bytes: 200, threshold: 0.75 },
    { trace: 2, id: 3, parent: 1, service: 'orders', name: 'SELECT', bytes: 100, threshold: 0.75 },
    // No root span, so nobody decides on it.
    { trace: 3, id: 2, parent: 1, service: 'orders', name: 'SELECT' },
  ];
  const rows = operationsOf(spans);
  expect([...rows.keys()]).toEqual(['web GET /cart']);
  const { counts, histograms } = rows.get('web GET /cart')!;
  expect(counts).toMatchObject({
    ...{ traces: 2, traceSpans: 5, traceSpansSquared: 13, traceBytes: 1_100 },
    ...{ errorTraces: 1, errorTraceSpans: 3, tracesWithThreshold: 1, traceWeight: 4 },
  });
  expect(histograms.okDuration.count).toBe(1);
  expect(Math.abs(histograms.okDuration.quantile(0.5)! - 500)).toBeLessThanOrEqual(5);
  expect([histograms.okDuration.countAbove(490), histograms.okDuration.countAbove(510)]).toEqual([1, 0]);
});

test('what an older version stored has none of it', () => {
  const body = [...operationsOf([{ trace: 1, id: 1 }]).values()][0]!;
  const { counts, ...stored } = storeBody(body, () => '');
  const old = { ...stored, counts: { spans: counts.spans!, roots: counts.roots! }, histograms: {} };
  const read = readBody('operation', old, () => new Uint8Array());
  expect(read.counts).toMatchObject({ spans: 1, roots: 1, traces: 0, traceBytes: 0 });
  expect(read.histograms.okDuration.count).toBe(0);
});
