import { describe, expect, test } from '@jest/globals';
import { HAS_INSTANCE, HAS_NAME, HAS_POD, HAS_POD_UID, KIND_CLIENT } from '../../../src/engine/model/span-facts.js';
import { TraceAssembler } from '../../../src/engine/quality/assembler.js';
import type { Evidence } from '../../../src/engine/quality/evidence.js';
import { governanceScore } from '../../../src/engine/quality/governance-score.js';
import {
  categoryOf,
  instrumentationScore,
  type ScoreFacts,
} from '../../../src/engine/quality/instrumentation-score.js';
import { ALL_KEYS, evidenceOf, factsOf, type PlainSpan, rowsOf, T0 } from '../../support/traces.js';

function evidence(make: (trace: number) => readonly PlainSpan[], traces = 40): Evidence {
  const assembler = new TraceAssembler(T0 - 1);
  for (let trace = 0; trace < traces; trace++) assembler.add(factsOf(make(trace)), () => true, T0 + 100);
  assembler.advance(T0 + 60_000);
  return evidenceOf(rowsOf(assembler, T0 + 60_000));
}

const FACTS: ScoreFacts = { levels: { wrong: 0, of: 5 }, spanNames: { verdict: 'pass', reason: '' } };
const good = (trace: number): PlainSpan[] => [
  { trace, id: 1, kind: 2 },
  { trace, id: 2, parent: 1 },
];
const withResource =
  (resource: PlainSpan['resource']) =>
  (trace: number): PlainSpan[] =>
    good(trace).map((span) => ({ ...span, resource: resource! }));

function failed(e: Evidence, facts = FACTS): string[] {
  return instrumentationScore(e, facts)
    .rules.filter(({ verdict }) => verdict === 'fail')
    .map(({ id }) => id);
}

describe('the Instrumentation Score', () => {
  test('is 100 where every rule passes, and names the rules that are missing', () => {
    const { score, category, rules, missing } = instrumentationScore(evidence(good), FACTS);
    expect([score, category]).toEqual([100, 'Excellent']);
    expect(rules.map(({ id }) => id)).toEqual([
      ...['RES-001', 'RES-002', 'RES-003', 'RES-004', 'RES-005', 'SPA-001', 'SPA-002', 'SPA-003', 'SPA-004', 'SPA-005'],
    ]);
    expect(missing.map(({ id }) => id)).toEqual([
      ...['MET-001', 'MET-002', 'MET-003', 'MET-004', 'MET-005', 'MET-006', 'LOG-001', 'LOG-002', 'SDK-001'],
    ]);
  });

  test.each<[string, (trace: number) => PlainSpan[]]>([
    ['RES-001', withResource({ keys: HAS_NAME })],
    ['RES-003', withResource({ keys: ALL_KEYS | HAS_POD })],
    ['RES-005', withResource({ keys: HAS_INSTANCE })],
    ['SPA-001', (t) => [...good(t), ...Array.from({ length: 10 }, (_, i) => ({ trace: t, id: 20 + i, parent: 1 }))]],
    ['SPA-002', (t) => [...good(t), { trace: t, id: 9, parent: 8 }]],
    ['SPA-004', (t) => good(t).map((span) => (span.id === 1 ? { ...span, kind: KIND_CLIENT } : span))],
    [
      'SPA-005',
      (t) => [
        ...good(t),
        ...Array.from({ length: 21 }, (_, i) => ({ trace: t, id: 20 + i, parent: 1, took: 1, kind: 3 })),
      ],
    ],
  ])('%s fails where it is broken, and it alone', (id, make) => {
    expect(failed(evidence(make))).toEqual([id]);
  });

  test('RES-002 fails where two pods have one instance id, and passes where each has its own', () => {
    const pod = (instance: number, pair: number) => ({
      keys: ALL_KEYS | HAS_POD | HAS_POD_UID,
      instance,
      instanceAndPod: pair,
    });
    const rule = (make: (trace: number) => PlainSpan[]): string =>
      instrumentationScore(evidence(make), FACTS).rules.find(({ id }) => id === 'RES-002')!.verdict;
    expect(rule((t) => withResource(pod(1, t % 2))(t))).toBe('fail');
    expect(rule((t) => withResource(pod(t % 2, t % 2))(t))).toBe('pass');
    expect(rule(good)).toBe('not_applicable');
  });

  test('RES-004 fails with an attribute at the wrong level, SPA-003 has the verdict on span names', () => {
    expect(failed(evidence(good), { ...FACTS, levels: { wrong: 1, of: 5 } })).toEqual(['RES-004']);
    expect(failed(evidence(good), { ...FACTS, spanNames: { verdict: 'fail', reason: '' } })).toEqual(['SPA-003']);
    const unknown = instrumentationScore(evidence(good), { ...FACTS, spanNames: null });
    expect(unknown.rules.find(({ id }) => id === 'SPA-003')!.verdict).toBe('insufficient_evidence');
    expect(unknown.score).toBe(100);
  });

  test('weighs rules by impact: with two failed, the formula of the specification', () => {
    const e = evidence(withResource({ keys: HAS_INSTANCE }));
    const { score, category } = instrumentationScore(e, { ...FACTS, levels: { wrong: 2, of: 2 } });
    // Critical RES-005 (40) and Important RES-004 (30) fail; RES-001 (20), SPA-001 (20), -002 (20), -003, -004, -005 (30) pass.
    expect(score).toBeCloseTo((100 * 150) / 220);
    expect(category).toBe('Needs Improvement');
    expect([100, 90, 89.99, 75, 74, 50, 49.9, 0].map(categoryOf)).toEqual([
      ...['Excellent', 'Excellent', 'Good', 'Good', 'Needs Improvement', 'Needs Improvement', 'Poor', 'Poor'],
    ]);
  });

  test('says nothing about traces on too little evidence', () => {
    const { rules } = instrumentationScore(
      evidence((t) => [...good(t), { trace: t, id: 9, parent: 8 }], 10),
      FACTS,
    );
    const spa = rules.filter(({ id }) => ['SPA-001', 'SPA-002', 'SPA-004', 'SPA-005'].includes(id));
    expect(spa.map(({ verdict }) => verdict)).toEqual(Array(4).fill('insufficient_evidence'));
  });
});

describe('the governance score', () => {
  const perfect = {
    findings: {},
    naming: { good: 10, of: 10 },
    cardinality: { unbounded: 0, of: 100 },
    quality: [{ verdict: 'pass', value: 0, interval: null, n: 40, reason: '' }],
    isOwned: true,
  } as const;

  test('is 100 where nothing is wrong; its weights add up to 100', () => {
    const { score, parts } = governanceScore(perfect);
    expect(score).toBe(100);
    expect(parts.reduce((sum, { weight }) => sum + weight, 0)).toBe(100);
  });

  test('a critical finding halves its part; what is not known counts for nothing', () => {
    expect(governanceScore({ ...perfect, findings: { critical: 1 } }).score).toBe(85);
    expect(governanceScore({ ...perfect, findings: { critical: 1, high: 2 } }).score).toBe(77.5);
    expect(governanceScore({ ...perfect, isOwned: false }).score).toBe(90);
    const little = governanceScore({ ...perfect, naming: null, cardinality: null, quality: [], isOwned: false });
    expect(little.score).toBe((100 * 30) / 40);
    expect(little.parts.filter(({ score }) => score === null).map(({ name }) => name)).toEqual([
      'quality',
      'naming',
      'cardinality',
    ]);
  });
});
