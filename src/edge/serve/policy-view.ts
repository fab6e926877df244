import type { Proof, Rollout } from '../../engine/model/rollout.js';
import { losesData } from '../../engine/policy/rollout.js';
import { publish } from '../../flow/publish.js';
import type { PolicyRow } from '../store/entities/index.js';
import type { NotDone } from '../store/policy-life.js';
import type * as contract from './contract.js';
import { toYaml } from './policy-sets.js';
import { ApiError, notFound } from './problems.js';

/** A version of a policy as the API shows it. */
export function showPolicy(row: PolicyRow): contract.Policy {
  const { id, version, state, body } = row;
  const { document, unsupported, notes = [], processors = [] } = publish([{ id, version, state, policy: body }]);
  return {
    ...{ id, version, policy_set: row.policySet, state },
    ...{ title: body.title, reason: body.reason, location: body.location, key: body.key },
    services: [...body.services],
    environments: [...(body.environments ?? [])],
    action: body.action as contract.Policy['action'],
    findings: [...body.findings],
    created_at: row.createdAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    decided_by: row.decidedBy,
    author: row.author,
    loses_data: losesData(body.action),
    rollout: row.rollout && showRollout(row.rollout),
    proof: row.proof && showProof(row.proof),
    etag: etagOf(row),
    preview: toYaml(document),
    unsupported: unsupported.map(({ reason }) => reason),
    processors: processors.flatMap(({ processors: names }) => names),
    notes: notes.map(({ note }) => note),
    evidence: (body.evidence ?? []).map(({ measure, value }) => ({ measure, value })),
  };
}

export function etagOf(row: PolicyRow): string {
  return `"${row.contentHash}"`;
}

/** The version that If-Match names; null for any. */
export function hashIn(ifMatch: string | undefined): string | null {
  return ifMatch === undefined || ifMatch === '*' ? null : ifMatch.replace(/^"|"$/g, '');
}

function showRollout({ stages, stage, status, stageSince, isWithdrawn, reason }: Rollout): contract.Policy['rollout'] {
  return {
    stages: stages.map(({ name, labels }) => ({ name, labels: { ...labels } })),
    ...{ stage, status, since: new Date(stageSince).toISOString(), is_withdrawn: isWithdrawn, reason },
  };
}

function showProof({ verdict, why, before, after, spansWanted, canaries }: Proof): contract.Policy['proof'] {
  return { verdict, why, before, after: [...after], spans_wanted: spansWanted, canaries };
}

const CONFLICTS: Readonly<Record<Exclude<NotDone, 'unknown'>, readonly [number, string]>> = {
  changed: [412, 'another version is there than the one you read; read it again and decide on that'],
  'not-proposed': [409, 'no version of it waits for a decision'],
  'not-in-force': [409, 'no version of it is approved'],
  'not-running': [409, 'the roll-out is in no state for that; the policy says in which it is'],
  'same-person': [
    409,
    'it loses data, and its author is you; somebody else approves it, or the set has two_persons off',
  ],
  'not-simulated': [409, 'it loses data and was not simulated; simulate it, or say in waive_simulation why not'],
};

/** The row of a step that was taken; what kept it from being taken is the answer otherwise. */
export function taken(result: PolicyRow | NotDone): PolicyRow {
  if (typeof result !== 'string') return result;
  if (result === 'unknown') throw notFound('policy');
  const [status, what] = CONFLICTS[result];
  throw new ApiError(status, result, `policy: ${what}`);
}
