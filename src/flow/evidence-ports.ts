import type { Evidence, Source, Tap } from '../engine/model/evidence.js';

/** What was received, and how it came; milliseconds since the epoch. */
export interface ReceivedEvidence {
  readonly source: Source;
  readonly receivedAt: number;
  readonly evidence: Evidence;
}

/** Evidence by where it comes from. Times are those of receipt. */
export interface EvidenceOrigin {
  readonly collector: string;
  /**
   * `before`: taken before the policies, says nothing against them. `after`: taken behind them. '': nothing says so; spans
   * with a revision did pass policies all the same.
   */
  readonly tap: Tap;
  /** Of the policies that the spans passed, as the collector's processors wrote it on them; '' for none. */
  readonly revision: string;
  readonly first: Date;
  readonly last: Date;
}

export interface MatchEvidence extends EvidenceOrigin {
  readonly finding: string;
  readonly matches: number;
}

export interface SpanEvidence extends EvidenceOrigin {
  readonly service: string;
  readonly spans: number;
}

/** By what time: from `since` on and before `until`. */
export interface EvidenceWindow {
  readonly since: Date;
  readonly until: Date;
}

export const CANARY_VERDICTS = ['clean', 'leaked', 'lost'] as const;
/**
 * `clean`: came back without what was planted. `leaked`: came back with it. `lost`: did not come back in time, but for a
 * copy that was taken before the policies.
 */
export type CanaryVerdict = (typeof CANARY_VERDICTS)[number];

/** What came of a canary, or of those of a policy's services in one run: one leak is a leak, then one lost is lost. */
export interface CanaryEvidence {
  readonly run: string;
  readonly policy: string;
  readonly version: number;
  /** '' where the collector gives no name, and where the canary is lost. */
  readonly collector: string;
  readonly revision: string;
  readonly verdict: CanaryVerdict;
  /** When it came back; of a lost one, when it was given up. */
  readonly at: Date;
}

export interface EvidenceStore {
  /**
   * Matches of findings, by origin. Counts are kept by the minute (of findings on names by the hour, and of all after a
   * day), and those of an interval that begins before `since` count whole where its last match came after it: `matches`
   * may say too much, never too little, and `last` is exact.
   */
  matches(tenant: string, query: EvidenceWindow & { readonly findings: readonly string[] }): Promise<MatchEvidence[]>;
  /** Spans of services, by origin; of an interval that begins before `since` nothing counts. */
  spans(tenant: string, query: EvidenceWindow & { readonly services: readonly string[] }): Promise<SpanEvidence[]>;
  /** What came of canaries that were sent since then, by run, policy and collector, latest first; none that are on their way. */
  canaries(tenant: string, query: { readonly since: Date }): Promise<CanaryEvidence[]>;
}

/** The part of a rollup's transaction that writes evidence. */
export interface EvidenceTransaction {
  /** Adds counts that are there for the first time, and notes canaries that came back, once. */
  add(tenant: string, received: readonly ReceivedEvidence[]): Promise<void>;
}
