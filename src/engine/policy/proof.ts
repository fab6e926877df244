import type { CollectorProof, Proof, ProofVerdict } from '../model/rollout.js';

/** What telemetry says of a version of a policy. */
export interface Evidence {
  /** Of the same services and findings, before the version was approved. */
  readonly before: { readonly spans: number; readonly matches: number };
  /** Spans that passed the version, by collector. */
  readonly after: readonly CollectorProof[];
  readonly canaries: Proof['canaries'];
}

/** Spans that prove where nothing is known of the time before. */
const SPANS_WITHOUT_BEFORE = 1_000;
const MAX_SPANS_WANTED = 1_000_000;

/**
 * Whether what a policy answers is gone. One match that came through is a failure. Silence proves something only in as many
 * spans as would have shown a match: after n spans without one, its rate is below 3/n at 95 % ("rule of three", Hanley and
 * Lippman-Hand, JAMA 249:1743, 1983), so n is three times the spans for each match before.
 */
export function prove({ before, after, canaries }: Evidence): Proof {
  const spansWanted = wanted(before);
  const [verdict, why] = judge(after, canaries, spansWanted);
  return { verdict, why, before, after, spansWanted, canaries };
}

function wanted({ spans, matches }: Evidence['before']): number {
  if (matches === 0 || spans === 0) return SPANS_WITHOUT_BEFORE;
  return Math.min(MAX_SPANS_WANTED, Math.max(1, Math.ceil((3 * spans) / matches)));
}

function judge(
  after: readonly CollectorProof[],
  canaries: Proof['canaries'],
  spansWanted: number,
): readonly [ProofVerdict, string] {
  const leaking = after.filter(({ matches }) => matches > 0);
  const spans = after.reduce((sum, row) => sum + row.spans, 0);
  if (leaking.length > 0) {
    const matches = leaking.reduce((sum, row) => sum + row.matches, 0);
    const where = leaking.map(({ collector }) => collector).filter((name) => name !== '');
    const through = where.length === 0 ? '' : ` through ${where.length} of ${after.length} collectors`;
    return ['failed', `${matches} ${matches === 1 ? 'match' : 'matches'} came${through} under the policy.`];
  }
  if (canaries.leaked > 0) return ['failed', 'Planted data of a canary span came through under the policy.'];
  if (spans >= spansWanted) return ['proved', `No match in ${spans} spans under the policy.`];
  if (canaries.clean > 0) return ['proved', 'Canary spans came back clean.'];
  const seen = spans === 0 ? 'No span' : `${spans} spans without a match`;
  return ['insufficient_evidence', `${seen} under the policy yet; ${spansWanted} are wanted, or a canary.`];
}
