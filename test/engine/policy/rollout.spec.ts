import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../src/engine/model/policy.js';
import type { Proof, RolledVersion, Rollout } from '../../../src/engine/model/rollout.js';
import { prove } from '../../../src/engine/policy/proof.js';
import {
  beginRollout,
  inForce,
  losesData,
  nextStep,
  type RolloutFacts,
  reaches,
  type StageCollector,
  whatIsWrong,
} from '../../../src/engine/policy/rollout.js';

const CANARY = { name: 'canary', labels: { stage: 'canary' } };
const ALL = { name: 'all', labels: {} };
const NO_CANARIES = { clean: 0, leaked: 0, lost: 0 };
const PROVED: Proof = prove({
  before: { spans: 0, matches: 0 },
  after: [],
  canaries: { ...NO_CANARIES, clean: 1 },
});
const UNKNOWN: Proof = prove({ before: { spans: 0, matches: 0 }, after: [], canaries: NO_CANARIES });
const SET = { advance: 'auto', soakSeconds: 60 } as const;
const START = 1_000_000;
const SOAKED = START + 61_000;

const collector = (id: string, status: StageCollector['status'], isOffline = false): StageCollector => {
  return { id, status, isOffline };
};
const facts = (over: Partial<RolloutFacts> = {}): RolloutFacts => {
  return { now: SOAKED, collectors: [], proof: PROVED, rates: null, ...over };
};

describe('stages', () => {
  test('all collectors come last, whether or not that is said', () => {
    expect(beginRollout([CANARY], START).stages).toEqual([CANARY, ALL]);
    expect(beginRollout([CANARY, ALL], START).stages).toEqual([CANARY, ALL]);
    expect(beginRollout([], START).stages).toEqual([ALL]);
  });

  test.each<[string, Partial<Rollout>, Record<string, string>, boolean]>([
    ['a collector of the first stage', {}, { stage: 'canary', region: 'eu' }, true],
    ['another one', {}, { region: 'eu' }, false],
    ['a label of another value', {}, { stage: 'prod' }, false],
    ['a name that every object has', { stages: [{ name: 'x', labels: { toString: 'x' } }, ALL] }, {}, false],
    ['any in the last stage', { stage: 1 }, {}, true],
    ['none once it is withdrawn', { stage: 1, isWithdrawn: true }, { stage: 'canary' }, false],
  ])('%s', (_, over, labels, expected) => {
    expect(reaches({ ...beginRollout([CANARY], START), ...over }, labels)).toBe(expected);
  });

  test('a collector has the latest version that reached it, and the one before where it is withdrawn', () => {
    const policy = { action: { kind: 'delete' } } as Policy;
    const version = (n: number, rollout: Partial<Rollout>): RolledVersion => {
      const whole = { ...beginRollout([CANARY], START), ...rollout };
      return { id: 'p', version: n, state: 'approved', policy, rollout: whole };
    };
    const old = version(1, { stage: 1, status: 'done' });
    const of = (versions: RolledVersion[], labels: Record<string, string>) =>
      inForce(versions, labels).map((one) => one.version);
    expect(of([old, version(2, {})], { stage: 'canary' })).toEqual([2]);
    expect(of([old, version(2, {})], {})).toEqual([1]);
    expect(of([version(2, { stage: 1 }), old], {})).toEqual([2]);
    expect(of([old, version(2, { stage: 1, isWithdrawn: true })], { stage: 'canary' })).toEqual([1]);
    expect(of([version(2, {})], {})).toEqual([]);
  });
});

describe('what a roll-out does next', () => {
  const rollout = beginRollout([CANARY], START);
  test.each<[string, Rollout, RolloutFacts, object]>([
    ['proved and soaked', rollout, facts(), { kind: 'advance' }],
    ['proved in the last stage', { ...rollout, stage: 1 }, facts(), { kind: 'finish' }],
    [
      'the stage is young',
      rollout,
      facts({ now: START + 1 }),
      { kind: 'wait', why: 'The stage lasts 60 seconds more.' },
    ],
    ['nothing is proved', rollout, facts({ proof: UNKNOWN }), { kind: 'wait', why: UNKNOWN.why }],
    [
      'a collector has it not yet',
      rollout,
      facts({ collectors: [collector('a', 'applied'), collector('b', 'applying')] }),
      { kind: 'wait', why: 'Collector b has not applied it yet.' },
    ],
    [
      'one that is away is not waited for',
      rollout,
      facts({ collectors: [collector('b', 'unset', true)] }),
      { kind: 'advance' },
    ],
    [
      'a collector could not apply it',
      rollout,
      facts({ collectors: ['a', 'b', 'c', 'd'].map((id) => collector(id, 'failed')) }),
      { kind: 'halt', reason: 'Collectors a, b, c and 1 more could not apply it.', isWithdrawn: true },
    ],
  ])('%s', (_, given, when, step) => {
    expect(nextStep(given, SET, when)).toEqual(step);
  });

  test('a set may want somebody to go on, but not for the end', () => {
    const manual = { ...SET, advance: 'manual' } as const;
    expect(nextStep(rollout, manual, facts()).kind).toBe('wait');
    expect(nextStep({ ...rollout, stage: 1 }, manual, facts()).kind).toBe('finish');
  });

  test('a match under the policy halts it and leaves it in place; it masks what it can', () => {
    const proof = prove({
      before: { spans: 10, matches: 1 },
      after: [{ collector: 'a', spans: 5, matches: 2 }],
      canaries: NO_CANARIES,
    });
    expect(whatIsWrong(facts({ proof }))).toEqual({
      ...{ kind: 'halt', isWithdrawn: false },
      reason: '2 matches came through 1 of 1 collectors under the policy.',
    });
  });

  test.each<[string, number, number, number, boolean]>([
    ['as many spans as before', 1, 10_000, 10_000, false],
    ['fewer, as traffic varies', 1, 10_000, 6_000, false],
    ['more than half is gone', 1, 10_000, 4_000, true],
    ['as many gone as simulated', 0.1, 10_000, 1_000, false],
    ['more gone than simulated', 0.1, 10_000, 400, true],
    ['too few to tell', 1, 900, 0, false],
  ])('spans: %s', (_, expected, before, after, halts) => {
    const rates = { expected, before: { spans: before, minutes: 10 }, after: { spans: after, minutes: 10 } };
    const step = whatIsWrong(facts({ rates }));
    expect(step?.kind).toBe(halts ? 'halt' : undefined);
    if (halts) expect(step).toMatchObject({ isWithdrawn: true });
  });
});

describe('proof', () => {
  const before = { spans: 1_000, matches: 100 };
  test.each<[string, number, number, object]>([
    ['no spans', 0, 0, { verdict: 'insufficient_evidence', spansWanted: 30 }],
    ['too few spans for the rate of before', 29, 0, { verdict: 'insufficient_evidence' }],
    [
      'as many as would have shown a match',
      30,
      0,
      { verdict: 'proved', why: 'No match in 30 spans under the policy.' },
    ],
    ['one match', 10_000, 1, { verdict: 'failed' }],
  ])('%s', (_, spans, matches, expected) => {
    const after = spans === 0 ? [] : [{ collector: '', spans, matches }];
    expect(prove({ before, after, canaries: NO_CANARIES })).toMatchObject(expected);
  });

  test('a clean canary proves it, one that leaked does the opposite, one that was lost says nothing', () => {
    const verdict = (canaries: Proof['canaries']) => prove({ before, after: [], canaries }).verdict;
    expect(verdict({ ...NO_CANARIES, clean: 2 })).toBe('proved');
    expect(verdict({ clean: 2, leaked: 1, lost: 0 })).toBe('failed');
    expect(verdict({ ...NO_CANARIES, lost: 3 })).toBe('insufficient_evidence');
  });

  test('rare matches want many spans, and where nothing is known of before a thousand', () => {
    const wanted = (spans: number, matches: number) =>
      prove({ before: { spans, matches }, after: [], canaries: NO_CANARIES }).spansWanted;
    expect(wanted(1_000_000, 1)).toBe(1_000_000);
    expect(wanted(0, 0)).toBe(1_000);
    expect(wanted(500, 0)).toBe(1_000);
    expect(wanted(10, 10)).toBe(3);
  });
});

test('what loses data', () => {
  const kinds = ['mask', 'mask-value', 'hash', 'rename', 'template', 'delete', 'truncate', 'sample'];
  expect(kinds.filter((kind) => losesData({ kind } as Policy['action']))).toEqual(['delete', 'truncate', 'sample']);
});
