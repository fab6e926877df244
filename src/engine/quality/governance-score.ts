import type { Severity } from '../model/finding.js';
import type { Judgement } from './judgement.js';

/** What the governance score of a service is made of; null where nothing is known. */
export interface GovernanceFacts {
  /** Findings that are not resolved, by severity. */
  readonly findings: Readonly<Partial<Record<Severity, number>>>;
  /** Attribute keys without a violation of the conventions, of all. */
  readonly naming: { readonly good: number; readonly of: number } | null;
  /** Bytes of attributes with ever new values, of all. */
  readonly cardinality: { readonly unbounded: number; readonly of: number } | null;
  readonly quality: readonly Judgement[];
  readonly isOwned: boolean;
}

export interface ScorePart {
  readonly name: string;
  readonly weight: number;
  /** 0 to 100; null where nothing is known, and then it counts for nothing. */
  readonly score: number | null;
  readonly formula: string;
}

export interface GovernanceScore {
  readonly score: number | null;
  readonly formula: string;
  readonly parts: readonly ScorePart[];
}

/** How much a finding weighs: four points halve the score of the part. */
const POINTS: Readonly<Record<Severity, number>> = { critical: 4, high: 2, medium: 1, low: 0.25, info: 0 };
const HALVING = 4;

export const GOVERNANCE_FORMULA = 'Σ(weight × score) / Σ(weight), over the parts that have a score';

/** Our own score, beside the Instrumentation Score and no part of it. */
export function governanceScore(facts: GovernanceFacts): GovernanceScore {
  const { findings, naming, cardinality, quality, isOwned } = facts;
  const points = Object.entries(findings).reduce(
    (sum, [severity, n]) => sum + POINTS[severity as Severity] * (n ?? 0),
    0,
  );
  const passed = quality.filter(({ verdict }) => verdict === 'pass').length;
  const judged = quality.filter(({ verdict }) => verdict === 'pass' || verdict === 'fail').length;
  const parts: ScorePart[] = [
    {
      ...{ name: 'findings', weight: 30, score: 100 * 0.5 ** (points / HALVING) },
      formula: '100 × 0.5^(points / 4), with 4 points for each critical finding, 2 high, 1 medium, 0.25 low',
    },
    {
      ...{ name: 'quality', weight: 25, score: share(passed, judged) },
      formula: '100 × indicators that pass / indicators with a verdict',
    },
    {
      ...{ name: 'naming', weight: 20, score: share(naming?.good ?? 0, naming?.of ?? 0) },
      formula: '100 × attribute keys without a violation / attribute keys',
    },
    {
      ...{
        name: 'cardinality',
        weight: 15,
        score: cardinality && share(cardinality.of - cardinality.unbounded, cardinality.of),
      },
      formula: '100 × (1 − bytes of attributes with ever new values / bytes of attributes)',
    },
    {
      ...{ name: 'ownership', weight: 10, score: isOwned ? 100 : 0 },
      formula: '100 where a team owns the service, else 0',
    },
  ];
  const known = parts.filter(({ score }) => score !== null);
  const weights = known.reduce((sum, { weight }) => sum + weight, 0);
  const sum = known.reduce((total, { weight, score }) => total + weight * score!, 0);
  return { score: weights === 0 ? null : sum / weights, formula: GOVERNANCE_FORMULA, parts };
}

function share(part: number, of: number): number | null {
  return of === 0 ? null : (100 * part) / of;
}
