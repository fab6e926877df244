import type { ConfigStatus, Labels } from '../engine/model/collector.js';
import type { PolicyState } from '../engine/model/policy.js';
import type { PolicySetSettings, Proof, RolledVersion, Rollout } from '../engine/model/rollout.js';
import { prove } from '../engine/policy/proof.js';
import {
  losesData,
  nextStep,
  reaches,
  type SpanRates,
  type StageCollector,
  whatIsWrong,
} from '../engine/policy/rollout.js';
import type { EvidenceStore, SpanEvidence } from './evidence-ports.js';
import type { Simulations } from './ports.js';

/** A version in force, with the set that it belongs to. */
export interface RolledPolicy extends RolledVersion {
  readonly policySet: string;
}

/** A collector that says what became of what it was given. */
export interface ReportingCollector {
  readonly id: string;
  readonly policySet: string;
  readonly labels: Labels;
  /** Of the configuration that it is to have now. */
  readonly status: ConfigStatus;
  /** When it said so, in milliseconds since the epoch. */
  readonly statusAt: number;
  readonly isOffline: boolean;
}

export interface RolloutStore {
  rolledOut(tenant: string): Promise<readonly RolledPolicy[]>;
  /** By the name of the set. */
  settings(tenant: string): Promise<ReadonlyMap<string, PolicySetSettings>>;
  /** Revisions that a version was served in. */
  revisionsWith(tenant: string, id: string, version: number): Promise<readonly string[]>;
  roll(
    tenant: string,
    id: string,
    action: string,
    change: (rollout: Rollout, state: PolicyState) => Rollout | null,
    proof: Proof,
  ): Promise<void>;
  /** Gives whether it was done. */
  finish(tenant: string, id: string, version: number, proof: Proof): Promise<boolean>;
  keepProof(tenant: string, id: string, version: number, proof: Proof): Promise<void>;
}

export interface RolloutPorts {
  readonly rollouts: RolloutStore;
  readonly evidence: EvidenceStore;
  readonly collectors: { reporting(tenant: string): Promise<readonly ReportingCollector[]> };
  readonly simulations: Simulations;
  readonly findings: {
    /** Resolves those that are not, since data show that a policy redacts them. */
    resolveByPolicy(tenant: string, ids: readonly string[], policy: string, why: string): Promise<void>;
  };
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How far back the time before a policy counts. */
const BEFORE = 24 * HOUR;
/** What collectors may hold back after they have a new configuration. */
const SETTLING = MINUTE;

/**
 * Takes every roll-out one step further, where data and collectors allow it, and looks after what is active. Gives how many
 * steps were taken.
 */
export async function advanceRollouts(tenant: string, now: number, ports: RolloutPorts): Promise<number> {
  const versions = (await ports.rollouts.rolledOut(tenant)).filter(({ state, rollout: { status } }) =>
    state === 'active' ? status === 'done' || status === 'running' : status === 'running',
  );
  if (versions.length === 0) return 0;
  const settings = await ports.rollouts.settings(tenant);
  const collectors = await ports.collectors.reporting(tenant);
  let steps = 0;
  for (const version of versions) {
    const set = settings.get(version.policySet);
    if (set !== undefined && (await advance(tenant, now, version, set, collectors, ports))) steps++;
  }
  return steps;
}

async function advance(
  tenant: string,
  now: number,
  version: RolledPolicy,
  settings: PolicySetSettings,
  all: readonly ReportingCollector[],
  ports: RolloutPorts,
): Promise<boolean> {
  const { id, rollout } = version;
  const revisions = new Set(await ports.rollouts.revisionsWith(tenant, id, version.version));
  const proof = await proofOf(tenant, now, version, settings, revisions, ports);
  const isMine = (collector: ReportingCollector): boolean =>
    collector.policySet === version.policySet && reaches(rollout, collector.labels);
  if (rollout.status === 'done') {
    // What collectors do with later versions of the set is no fault of one that all have.
    const wrong = whatIsWrong({ now, collectors: [], proof, rates: null });
    if (wrong === null) {
      await ports.rollouts.keepProof(tenant, id, version.version, proof);
      return false;
    }
    await ports.rollouts.roll(tenant, id, 'policy.halt', halted(wrong), proof);
    return true;
  }
  const collectors = all.filter(isMine).map((collector) => stageCollector(collector, rollout));
  const rates = await ratesOf(tenant, now, version, revisions, ports);
  const step = nextStep(rollout, settings, { now, collectors, proof, rates });
  switch (step.kind) {
    case 'wait':
      await ports.rollouts.keepProof(tenant, id, version.version, proof);
      return false;
    case 'halt':
      await ports.rollouts.roll(tenant, id, 'policy.halt', halted(step), proof);
      return true;
    case 'advance':
      await ports.rollouts.roll(tenant, id, 'policy.advance', (was) => advanced(was, rollout.stage, now), proof);
      return true;
    case 'finish': {
      if (!(await ports.rollouts.finish(tenant, id, version.version, proof))) return false;
      await ports.findings.resolveByPolicy(tenant, version.policy.findings, id, proof.why);
      return true;
    }
  }
}

function halted({ reason, isWithdrawn }: { reason: string; isWithdrawn: boolean }): (rollout: Rollout) => Rollout {
  return (rollout) => ({ ...rollout, status: 'halted', reason, isWithdrawn });
}

/** Null where somebody was faster. */
function advanced(rollout: Rollout, from: number, now: number): Rollout | null {
  if (rollout.status !== 'running' || rollout.stage !== from) return null;
  return { ...rollout, stage: from + 1, stageSince: now };
}

/** A failure from before the stage is that of another configuration. */
function stageCollector({ id, status, statusAt, isOffline }: ReportingCollector, rollout: Rollout): StageCollector {
  const isOld = status === 'failed' && statusAt < rollout.stageSince;
  return { id, status: isOld ? 'applying' : status, isOffline };
}

async function proofOf(
  tenant: string,
  now: number,
  { id, version, policy, rollout }: RolledPolicy,
  { markRevision }: PolicySetSettings,
  revisions: ReadonlySet<string>,
  { evidence }: RolloutPorts,
): Promise<Proof> {
  const from = rollout.evidenceFrom;
  const under = { since: new Date(from), until: new Date(now) };
  const before = { since: new Date(from - BEFORE), until: new Date(from) };
  const { services, findings } = policy;
  const [spans, matches, spansBefore, matchesBefore, canaries] = await Promise.all([
    evidence.spans(tenant, { services, ...under }),
    evidence.matches(tenant, { findings, ...under }),
    evidence.spans(tenant, { services, ...before }),
    evidence.matches(tenant, { findings, ...before }),
    evidence.canaries(tenant, { since: under.since }),
  ]);
  const settled = rollout.stageSince + SETTLING;
  const passed = ({ revision, tap, first }: Pick<SpanEvidence, 'revision' | 'tap' | 'first'>): boolean =>
    revisions.has(revision) || (!markRevision && revision === '' && tap === 'after' && first.getTime() >= settled);
  const after = new Map<string, { collector: string; spans: number; matches: number }>();
  const of = (collector: string) => {
    const row = after.get(collector) ?? { collector, spans: 0, matches: 0 };
    after.set(collector, row);
    return row;
  };
  for (const row of spans.filter(passed)) of(row.collector).spans += row.spans;
  for (const row of matches.filter(passed)) of(row.collector).matches += row.matches;
  const mine = canaries.filter((canary) => canary.policy === id && canary.version === version);
  const count = (verdict: string): number => mine.filter((canary) => canary.verdict === verdict).length;
  return prove({
    before: {
      spans: spansBefore.reduce((sum, row) => sum + row.spans, 0),
      matches: matchesBefore.reduce((sum, row) => sum + row.matches, 0),
    },
    after: [...after.values()],
    canaries: { clean: count('clean'), leaked: count('leaked'), lost: count('lost') },
  });
}

/** Spans of the collectors that have the version, from before they had it and since. */
async function ratesOf(
  tenant: string,
  now: number,
  { id, version, policy, rollout }: RolledPolicy,
  revisions: ReadonlySet<string>,
  { evidence, simulations }: RolloutPorts,
): Promise<SpanRates | null> {
  let expected = 1;
  if (losesData(policy.action)) {
    const newest = await simulations.newest(tenant, id, version);
    if (newest === null || newest.counts.before.spans === 0) return null;
    expected = newest.counts.after.spans / newest.counts.before.spans;
  }
  const from = rollout.evidenceFrom;
  const settled = rollout.stageSince + SETTLING;
  const { services } = policy;
  const window = (since: number, until: number) => ({ services, since: new Date(since), until: new Date(until) });
  const under = await evidence.spans(tenant, window(from, now));
  const reached = new Set(under.filter(({ revision }) => revisions.has(revision)).map(({ collector }) => collector));
  const counts = (rows: readonly SpanEvidence[]) => {
    const mine = rows.filter(({ collector, tap }) => reached.has(collector) && tap !== 'before');
    return { spans: mine.reduce((sum, row) => sum + row.spans, 0), first: Math.min(...mine.map((row) => +row.first)) };
  };
  if (reached.size === 0 || settled >= now) return null;
  const before = counts(await evidence.spans(tenant, window(from - HOUR, from)));
  const after = counts(await evidence.spans(tenant, window(settled, now)));
  return {
    expected,
    before: { spans: before.spans, minutes: Math.max(0, (from - before.first) / MINUTE) },
    after: { spans: after.spans, minutes: (now - settled) / MINUTE },
  };
}
