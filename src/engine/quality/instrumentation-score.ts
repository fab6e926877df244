import { type Evidence, unseen } from './evidence.js';
import { LEAST_TRACES, tooFew, type Verdict } from './judgement.js';

/*
 * The Instrumentation Score, by its specification (github.com/instrumentation-score/spec, specification.md and rules/, as
 * of commit e6ee222 of 2026-04-09): rules are passed or failed, weighted by impact, and nothing is added to them.
 */

const WEIGHTS = { Critical: 40, Important: 30, Normal: 20, Low: 10 } as const;
export type Impact = keyof typeof WEIGHTS;

export const SCORE_CATEGORIES = ['Excellent', 'Good', 'Needs Improvement', 'Poor'] as const;
export type ScoreCategory = (typeof SCORE_CATEGORIES)[number];

/** What spans alone do not say of a service, found out elsewhere; null where it is not known. */
export interface ScoreFacts {
  /** Attributes of the conventions at a wrong level, of those of which the level is known. */
  readonly levels: { readonly wrong: number; readonly of: number };
  readonly spanNames: SpanNameVerdict | null;
}

/** Whether the number of span names of a service is bounded. */
export interface SpanNameVerdict {
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface ScoredRule {
  readonly id: string;
  readonly criterion: string;
  readonly impact: Impact;
  readonly verdict: Verdict;
  readonly reason: string;
}

export interface InstrumentationScore {
  /** 0 to 100; null where no rule has a verdict. */
  readonly score: number | null;
  readonly category: ScoreCategory | null;
  readonly rules: readonly ScoredRule[];
  /** Rules of the specification that spans cannot decide. */
  readonly missing: readonly { readonly id: string; readonly reason: string }[];
}

type Outcome = readonly [Verdict, string];
interface Rule {
  readonly id: string;
  readonly criterion: string;
  readonly impact: Impact;
  readonly check: (evidence: Evidence, facts: ScoreFacts) => Outcome;
}

/** More traces than this that did not come whole, and nothing is said about those that nothing was found in. */
const TOLERATED = 0.01;

const RULES: readonly Rule[] = [
  {
    ...{ id: 'RES-001', impact: 'Normal', criterion: 'service.instance.id is present' },
    check: ({ all: { counts } }) => resources(counts.withoutInstance, counts.resources),
  },
  {
    ...{ id: 'RES-002', impact: 'Important', criterion: 'service.instance.id is unique across pods' },
    check: (e) => uniqueInstances(e),
  },
  {
    ...{ id: 'RES-003', impact: 'Important', criterion: 'k8s.pod.uid is present for pods' },
    check: ({ all: { counts } }) =>
      counts.pods === 0 ? ['not_applicable', 'no pods'] : resources(counts.podsWithoutUid, counts.pods),
  },
  {
    ...{ id: 'RES-004', impact: 'Important', criterion: 'attributes of the conventions stand at the right level' },
    check: (_, { levels: { wrong, of } }) => {
      if (of === 0) return ['not_applicable', 'no attribute whose level the conventions fix'];
      return wrong === 0 ? ['pass', ''] : ['fail', `${wrong} of ${of} attributes`];
    },
  },
  {
    ...{ id: 'RES-005', impact: 'Critical', criterion: 'service.name is present and not empty' },
    check: ({ all: { counts } }) => resources(counts.withoutName, counts.resources),
  },
  {
    ...{ id: 'SPA-001', impact: 'Normal', criterion: 'at most 10 INTERNAL spans per trace and service' },
    check: (e) => traces(e.all.counts.manyInternal, e.all.counts.traces, unseen.manyInternal(e), e.doubt, ''),
  },
  {
    ...{ id: 'SPA-002', impact: 'Normal', criterion: 'no orphan spans' },
    check: ({ whole: { counts }, doubt, notWhole }) =>
      traces(counts.orphanTraces, counts.traces, counts.unknown, doubt, notWhole),
  },
  {
    ...{ id: 'SPA-003', impact: 'Important', criterion: 'the number of span names is bounded' },
    check: (_, { spanNames }) =>
      spanNames === null
        ? ['insufficient_evidence', 'span names are not judged yet']
        : [spanNames.verdict, spanNames.reason],
  },
  {
    ...{ id: 'SPA-004', impact: 'Important', criterion: 'root spans are not CLIENT spans' },
    check: ({ all: { counts } }) => traces(counts.clientRoots, counts.roots, 0, 0, ''),
  },
  {
    ...{ id: 'SPA-005', impact: 'Important', criterion: 'at most 20 spans under 5 ms per trace' },
    check: (e) => traces(e.all.counts.manyShort, e.all.counts.traces, unseen.manyShort(e), e.doubt, ''),
  },
];

const NO_METRICS = 'needs metrics, which do not come here';
const NO_LOGS = 'needs logs, which do not come here';
const MISSING: InstrumentationScore['missing'] = [
  ...['MET-001', 'MET-002', 'MET-003', 'MET-004', 'MET-005', 'MET-006'].map((id) => ({ id, reason: NO_METRICS })),
  ...['LOG-001', 'LOG-002'].map((id) => ({ id, reason: NO_LOGS })),
  { id: 'SDK-001', reason: 'needs the versions of languages that each SDK supports, which are no part of the spans' },
];

/**
 * Score = Σ(Pᵢ·Wᵢ) / Σ(Tᵢ·Wᵢ) × 100 over the impacts i, P the rules passed and T the rules that have a verdict. A rule
 * without evidence or without a subject is in neither.
 */
export function instrumentationScore(evidence: Evidence, facts: ScoreFacts): InstrumentationScore {
  const rules = RULES.map(({ id, criterion, impact, check }): ScoredRule => {
    const [verdict, reason] = check(evidence, facts);
    return { id, criterion, impact, verdict, reason };
  });
  const weigh = (...verdicts: Verdict[]): number =>
    rules.filter((rule) => verdicts.includes(rule.verdict)).reduce((sum, rule) => sum + WEIGHTS[rule.impact], 0);
  const total = weigh('pass', 'fail');
  const score = total === 0 ? null : (weigh('pass') / total) * 100;
  return { score, category: score === null ? null : categoryOf(score), rules, missing: MISSING };
}

export function categoryOf(score: number): ScoreCategory {
  if (score >= 90) return 'Excellent';
  if (score >= 75) return 'Good';
  return score >= 50 ? 'Needs Improvement' : 'Poor';
}

function resources(faulty: number, n: number): Outcome {
  if (n === 0) return ['not_applicable', 'no resources'];
  return faulty === 0 ? ['pass', ''] : ['fail', `${faulty} of ${n} resources`];
}

/** A rule that every trace must keep: one that breaks it is enough, if it is certain. */
function traces(faulty: number, n: number, unknown: number, doubt: number, notWhole: string): Outcome {
  if (notWhole !== '') return ['insufficient_evidence', notWhole];
  if (n === 0) return ['not_applicable', 'no traces'];
  if (n < LEAST_TRACES) return ['insufficient_evidence', tooFew(n)];
  if (faulty > doubt) return ['fail', `${faulty} of ${n} traces`];
  if (faulty > 0 || unknown + doubt > n * TOLERATED) {
    return ['insufficient_evidence', `${unknown + doubt} of ${n} traces did not come whole or came late`];
  }
  return ['pass', ''];
}

/** As many ids as there are pairs of an id and a pod: no id stands for two pods. */
function uniqueInstances({ all: { sketches } }: Evidence): Outcome {
  const instances = sketches.instances.estimate();
  const pairs = sketches.instancePods.estimate();
  if (instances.distinct === 0) return ['not_applicable', 'no resource has both service.instance.id and a pod'];
  const more = pairs.distinct - instances.distinct;
  const error = 2 * (pairs.standardError * pairs.distinct + instances.standardError * instances.distinct);
  if (more > error) return ['fail', 'an id stands for more than one pod'];
  if (error > 0) return ['insufficient_evidence', 'too many instances to tell'];
  return more === 0 ? ['pass', ''] : ['insufficient_evidence', 'too many instances to tell'];
}
