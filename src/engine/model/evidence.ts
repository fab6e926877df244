import type { Finding } from './finding.js';

/**
 * Where a collector took the copy of its spans that it sends: before its policy processors, after them, or '' where
 * nothing says so.
 */
export type Tap = '' | 'before' | 'after';

/** Who sent a request, and from where on the collector's road. */
export interface Source {
  /** The name that the collector gave itself, '' where it gave none. */
  readonly collector: string;
  readonly tap: Tap;
  /** Whether its spans are counted as usage; those of a second copy are not. */
  readonly isCounted: boolean;
}

/** A request that says nothing of itself. */
export const PLAIN_SOURCE: Source = { collector: '', tap: '', isCounted: true };

/** Spans of a service that passed policies of a revision; '' where they carry none. */
export interface SpanCount {
  readonly service: string;
  readonly revision: string;
  spans: number;
}

/** What tells a finding from all others. */
export type FindingPlace = Pick<
  Finding,
  'kind' | 'detector' | 'service' | 'environment' | 'location' | 'key' | 'component'
>;

/** Matches of a finding in spans that passed policies of a revision. */
export interface MatchCount {
  /** The finding itself, or what tells it from others. */
  readonly place: FindingPlace;
  readonly revision: string;
  matches: number;
}

/** What a request says for or against policies. */
export interface Evidence {
  readonly spans: readonly SpanCount[];
  readonly matches: readonly MatchCount[];
  readonly canaries: readonly CanarySighting[];
}

export const NO_EVIDENCE: Evidence = { spans: [], matches: [], canaries: [] };

/** A canary that came back: a span that was sent to a collector with made-up data in it. */
export interface CanarySighting {
  /** The run that it belongs to, a UUID, and its number there. */
  readonly run: string;
  readonly item: number;
  readonly service: string;
  /** Whether what was planted is still in it. */
  readonly isLeaking: boolean;
  readonly revision: string;
}
