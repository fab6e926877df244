import type { Labels } from './collector.js';
import type { PolicyVersion } from './policy.js';

/** A part of the collectors of a policy set, by their labels; no labels are all of them. */
export interface RolloutStage {
  readonly name: string;
  readonly labels: Labels;
}

/**
 * `running`: goes on by itself or waits for somebody; `paused`: somebody stopped it where it is; `halted`: something went
 * wrong; `done`: all stages have it.
 */
export const ROLLOUT_STATUSES = ['running', 'paused', 'halted', 'done'] as const;
export type RolloutStatus = (typeof ROLLOUT_STATUSES)[number];

/** How far a version of a policy has come. */
export interface Rollout {
  /** In order; the last one is all collectors. */
  readonly stages: readonly RolloutStage[];
  /** Index of the last stage whose collectors get the version. */
  readonly stage: number;
  readonly status: RolloutStatus;
  /** When the stage began, in milliseconds since the epoch. */
  readonly stageSince: number;
  /** From when on data speak for or against it: when it was approved, or went on after a halt. */
  readonly evidenceFrom: number;
  /** Halted so that no collector gets it any more. */
  readonly isWithdrawn: boolean;
  /** Why it was paused or halted; empty otherwise. */
  readonly reason: string;
}

/** A version of a policy that was approved, and how far it has come. */
export interface RolledVersion extends PolicyVersion {
  readonly rollout: Rollout;
}

/** What holds for the policies of a group of collectors. */
export interface PolicySetSettings {
  readonly name: string;
  readonly description: string;
  /** Of the collectors under OpAMP that get this set; the set with the most labels that fit wins. */
  readonly labels: Labels;
  readonly stages: readonly RolloutStage[];
  /** Whether a policy that loses data is approved by somebody else than who wrote it. */
  readonly twoPersons: boolean;
  /** Whether a policy that loses data is simulated before it is approved. */
  readonly simulateFirst: boolean;
  /** Whether a stage that is proved goes on to the next by itself. */
  readonly advance: 'auto' | 'manual';
  /** How long a stage lasts at least, in seconds. */
  readonly soakSeconds: number;
  /** Whether collectors write on each resource which revision of the policies it passed. */
  readonly markRevision: boolean;
}

export const DEFAULT_SET = 'default';
export const ALL_COLLECTORS: RolloutStage = { name: 'all', labels: {} };

/** A set that nobody has set up. */
export const DEFAULT_SETTINGS: PolicySetSettings = {
  ...{ name: DEFAULT_SET, description: '', labels: {}, stages: [ALL_COLLECTORS] },
  ...{ twoPersons: true, simulateFirst: false, advance: 'auto', soakSeconds: 300, markRevision: true },
};

/** Whether what policies are to do shows in the data. */
export const PROOF_VERDICTS = ['proved', 'failed', 'insufficient_evidence'] as const;
export type ProofVerdict = (typeof PROOF_VERDICTS)[number];

/** What came from one collector under a version of a policy; '' for spans that say none. */
export interface CollectorProof {
  readonly collector: string;
  readonly spans: number;
  /** Matches of the findings that the policy answers. */
  readonly matches: number;
}

/** What the data say of a version of a policy. */
export interface Proof {
  readonly verdict: ProofVerdict;
  /** One sentence. */
  readonly why: string;
  /** Before the version was approved: spans of its services, and matches of its findings in them. */
  readonly before: { readonly spans: number; readonly matches: number };
  readonly after: readonly CollectorProof[];
  /** Spans without a match that would prove it. */
  readonly spansWanted: number;
  readonly canaries: { readonly clean: number; readonly leaked: number; readonly lost: number };
}
