import { describe, expect, test } from '@jest/globals';
import { simulationTools } from '../../src/edge/policy/simulation-tools.js';
import type { PolicyVersion, SampleAction } from '../../src/engine/model/policy.js';
import type { ResourceSpans, TraceSpan } from '../../src/engine/model/trace-request.js';
import { type GatheredSpan, SamplingSimulation, TraceGathering } from '../../src/engine/policy/gather-traces.js';

const LIMITS = { maxTraces: 1_000, maxSpans: 10_000 };
const KEEP = { errors: true, slowerThanMs: 100, critical: [] };
/** Keeps next to nothing of what no rule keeps. */
const ACTION: Omit<SampleAction, 'kind' | 'stage'> = {
  ...{ environment: '', keep: KEEP, operations: [], otherwise: 1e-9, floor: 1e-9, budget: null, adaptive: false },
};

function simulationOf(services: string[], over: Partial<SampleAction> = {}): SamplingSimulation {
  const policy: PolicyVersion = {
    ...{ id: 'p', version: 1, state: 'suggested' },
    policy: {
      ...{ cause: 'p', title: '', reason: '', location: 'span', key: 'trace_id', services, findings: [] },
      action: { kind: 'sample', stage: 'tail', ...ACTION, ...over },
    },
  };
  return new SamplingSimulation([policy], simulationTools());
}

interface Given {
  readonly trace: number;
  readonly id: string;
  readonly parent?: string;
  readonly service?: string;
  readonly error?: boolean;
  /** Milliseconds. */
  readonly took?: number;
}

function gathered(
  simulation: SamplingSimulation,
  { trace, id, parent = '', service = 'web', ...rest }: Given,
): GatheredSpan {
  const traceId = trace.toString(16).padStart(32, '0');
  const resource: ResourceSpans = {
    resource: { attributes: [{ key: 'service.name', value: { stringValue: service } }] },
  };
  const span: TraceSpan = {
    ...{ traceId, spanId: id, parentSpanId: parent, name: 'GET /' },
    ...{ startTimeUnixNano: '1800000000000000000', status: { code: rest.error === true ? 2 : 0 } },
    endTimeUnixNano: String(1_800_000_000_000_000_000n + BigInt(rest.took ?? 1) * 1_000_000n),
  };
  const mark = simulation.sampler.mark(resource, span);
  return { traceId, spanId: id, parentId: parent, service, bytes: 100, weight: 0, hash: trace, mark, isKept: null };
}

function run(simulation: SamplingSimulation, ...spans: Given[]) {
  const gathering = new TraceGathering(simulation, LIMITS);
  for (const span of spans) gathering.add([gathered(simulation, span)], 0);
  gathering.end(1);
  return gathering.result();
}

describe('traces that are put together', () => {
  test('are decided on as a whole: one error or long span keeps all of it', () => {
    const simulation = simulationOf([]);
    const { traces, dropped } = run(
      simulation,
      ...[
        { trace: 1, id: 'b', parent: 'a', error: true },
        { trace: 1, id: 'a' },
      ],
      ...[
        { trace: 2, id: 'a' },
        { trace: 2, id: 'b', parent: 'a', took: 101 },
      ],
      ...[
        { trace: 3, id: 'a' },
        { trace: 3, id: 'b', parent: 'a', took: 100 },
      ],
    );
    expect(traces).toMatchObject({ whole: 3, broken: 0, open: 0 });
    const rows = new Map(traces.classes.map((row) => [row.class, row]));
    expect(rows.get('error')).toMatchObject({ keptTraces: 1, keptSpans: 2, droppedTraces: 0 });
    expect(rows.get('slow')).toMatchObject({ keptTraces: 1, keptSpans: 2, droppedTraces: 0 });
    expect(rows.get('other')).toMatchObject({ keptTraces: 0, droppedTraces: 1, droppedSpans: 2 });
    expect(dropped).toMatchObject([{ service: 'web', spans: 2, bytes: 200 }]);
  });

  test('count only when they are whole; the others are told', () => {
    const simulation = simulationOf([]);
    const { traces, seen } = run(
      simulation,
      { trace: 1, id: 'b', parent: 'a' },
      ...[
        { trace: 2, id: 'a' },
        { trace: 2, id: 'c', parent: 'b' },
      ],
      { trace: 3, id: 'a' },
    );
    expect(traces).toMatchObject({ whole: 1, broken: 2 });
    expect(seen).toMatchObject([{ spans: 1 }]);
  });

  test('of other services are no part of what the policy drops, but of what is sent', () => {
    const simulation = simulationOf(['web']);
    const { traces, ratios, seen } = run(
      simulation,
      ...[
        { trace: 1, id: 'a' },
        { trace: 1, id: 'b', parent: 'a', service: 'db' },
      ],
      ...[
        { trace: 2, id: 'a', service: 'admin' },
        { trace: 2, id: 'b', parent: 'a', service: 'db' },
      ],
      { trace: 3, id: 'b', parent: 'a', service: 'db' },
    );
    expect(traces).toMatchObject({ whole: 1, broken: 0 });
    expect(seen.map(({ service }) => service).sort()).toEqual(['db', 'web']);
    // Of three spans of the database one is dropped.
    expect(ratios.find(({ service }) => service === 'db')).toMatchObject({ units: 3, spans: { x: 3, d: 1 } });
    expect(ratios.find(({ service }) => service === 'admin')).toMatchObject({ spans: { x: 1, d: 0 } });
  });

  test('hold no more than the limits, and forget what is not looked at any more', () => {
    const simulation = simulationOf([]);
    const gathering = new TraceGathering(simulation, { maxTraces: 2, maxSpans: 3 });
    const add = (span: Given): void => gathering.add([gathered(simulation, span)], 0);
    for (const trace of [1, 2, 3]) add({ trace, id: 'a' });
    add({ trace: 1, id: 'b', parent: 'a' });
    add({ trace: 2, id: 'b', parent: 'a' });
    gathering.forget((hash) => hash !== 1);
    gathering.close();
    const { traces, seen } = gathering.result();
    expect(traces).toMatchObject({ whole: 1, broken: 0, open: 1 });
    expect(seen).toMatchObject([{ spans: 1 }]);
  });

  test('of an SDK keep the same share; a collector that decides span by span may split them', () => {
    const sdk = simulationOf([], { stage: 'sdk' });
    // Errors are not known yet when an SDK decides.
    expect(run(sdk, { trace: 1, id: 'a', error: true }).traces.classes[0]).toMatchObject({ droppedTraces: 1 });
    const share = simulationOf([], { stage: 'collector', otherwise: 0.5 });
    expect(share.spanPercentage).toBe(50);
    const gathering = new TraceGathering(share, LIMITS);
    const spans = [gathered(share, { trace: 1, id: 'a' }), gathered(share, { trace: 1, id: 'b', parent: 'a' })];
    gathering.add(
      spans.map((span, i) => ({ ...span, isKept: i === 0 })),
      0,
    );
    gathering.close();
    expect(gathering.result().traces.classes.at(-1)).toMatchObject({ keptTraces: 1, keptSpans: 1, droppedSpans: 1 });
  });
});
