import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { readSlots, relevant } from '../../src/edge/opamp/effective-config.js';
import { driftOf, type EffectiveSlots, slotsOf } from '../../src/engine/policy/drift.js';

const SLOT = 'transform/spanwarden';
const served = (body: object) => ({ processors: { [SLOT]: body } });
const STATEMENTS = { error_mode: 'ignore', trace_statements: [{ context: 'span', statements: ['set(x, "$$1")'] }] };
const runs = (body: unknown, traces: readonly string[][] = [[SLOT]]): EffectiveSlots => ({
  processors: body === undefined ? {} : { [SLOT]: body },
  traces,
});

describe('drift', () => {
  const FILLED = {
    error_mode: 'ignore',
    flatten_data: false,
    trace_statements: [{ context: 'span', conditions: null, error_mode: '', statements: ['set(x, "$1")'] }],
    log_statements: [],
  };
  const changed = (statement: string) => ({
    ...FILLED,
    trace_statements: [{ context: 'span', statements: [statement] }],
  });
  const CASES: [string, object, EffectiveSlots, string[]][] = [
    ['as served, with defaults', STATEMENTS, runs(FILLED), []],
    ['dollars as served', STATEMENTS, runs(STATEMENTS), []],
    ['another statement', STATEMENTS, runs(changed('set(x, "y")')), ['different']],
    [
      'one statement more',
      STATEMENTS,
      runs({ ...FILLED, trace_statements: [...FILLED.trace_statements, {}] }),
      ['different'],
    ],
    ['a key of ours that is gone', STATEMENTS, runs({ trace_statements: FILLED.trace_statements }), ['different']],
    ['no such slot', STATEMENTS, runs(undefined), ['missing']],
    ['in no traces pipeline', STATEMENTS, runs(FILLED, [['transform/other']]), ['not-in-pipeline']],
    ['in the second pipeline', STATEMENTS, runs(FILLED, [[], [SLOT]]), []],
    ['hidden by the collector', { key: 'secret' }, runs({ key: '[REDACTED]' }), []],
    ['all of it hidden', { key: { deep: 1 } }, runs({ key: '[REDACTED]' }), []],
    ['a duration in another form', { wait: '90s' }, runs({ wait: '1m30s' }), []],
    ['another duration', { wait: '90s' }, runs({ wait: '1m31s' }), ['different']],
    ['a number as text', { percent: 10 }, runs({ percent: '10' }), []],
    ['an empty list that is left out', { a: 1, list: [] }, runs({ a: 1 }), []],
    ['an empty list that is not empty', { a: 1, list: [] }, runs({ a: 1, list: [2] }), ['different']],
    ['a slot with nothing to do', { error_mode: 'ignore', trace_statements: [] }, runs(undefined), []],
    [
      'nothing to do, but something is done',
      { error_mode: 'ignore', trace_statements: [] },
      runs(FILLED),
      ['different'],
    ],
    ['a slot that is no map', STATEMENTS, runs('text'), ['different']],
  ];
  test.each(CASES)('%s', (_, body, effective, expected) => {
    expect(driftOf(served(body), effective).map(({ drift }) => drift)).toEqual(expected);
  });

  test('documents of any form', () => {
    for (const document of [null, 5, [], 'x', { processors: 5 }, { service: { pipelines: { traces: 1 } } }]) {
      expect(slotsOf(document)).toMatchObject({ processors: {} });
      expect(driftOf(document, slotsOf(document))).toEqual([]);
    }
  });
});

describe('reading whole configurations', () => {
  const WHOLE = `exporters:
    otlp_http:
        headers:
            authorization: Bearer very-secret
processors:
    batch:
        send_batch_size: 8192
    # a comment
    transform/spanwarden:
        error_mode: ignore
        trace_statements:
            - context: span
              statements:
                - |-
                  set(span.name, "a
                  b")
    transform/spanwarden-like:
        error_mode: ignore
    "tail_sampling/spanwarden":
        decision_wait: 30s
receivers:
    otlp: {}
service:
    pipelines:
        traces:
            exporters: [otlp_http]
            processors: [batch, transform/spanwarden]
        metrics/1:
            processors: [tail_sampling/spanwarden]
`;

  test('the lines that count say the same as all of them', () => {
    expect(readSlots(WHOLE)).toEqual(slotsOf(parse(WHOLE)));
    expect(readSlots(WHOLE)?.processors).toHaveProperty(['tail_sampling/spanwarden', 'decision_wait'], '30s');
    expect(readSlots(WHOLE)?.traces).toEqual([['transform/spanwarden']]);
    expect(relevant(WHOLE)).not.toMatch(/secret|batch:|receivers/);
  });

  test('with other line ends, in flow style, and what is no YAML', () => {
    expect(readSlots(WHOLE.replaceAll('\n', '\r\n'))?.traces).toEqual([['transform/spanwarden']]);
    expect(readSlots(JSON.stringify(parse(WHOLE)))).toEqual(slotsOf(parse(WHOLE)));
    expect(readSlots('{')).toBeNull();
    expect(readSlots('a: &a [*a, *a]')).toBeNull();
    expect(readSlots(`{"x": "${'y'.repeat(300_000)}"}`)).toBeNull();
  });
});
