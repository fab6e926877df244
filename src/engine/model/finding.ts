import type { Location } from './location.js';

export const FINDING_KINDS = ['secret', 'pii', 'sensitive-key', 'naming', 'cardinality'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `high` is shown first; `other` needs a person's look. */
export const CONFIDENCES = ['high', 'other'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** Between the levels of a component. */
export const LEVEL = ' › ';
/** Levels of a component whose text stands in the value encoded. */
export const ENCODINGS = ['percent-encoded', 'escaped', 'base64', 'hex'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** Whether a match stands in the value encoded, where the detector's pattern does not see it. */
export function isEncoded({ component }: Pick<Finding, 'component'>): boolean {
  return component.split(LEVEL).some((level) => ENCODINGS.includes(level as Encoding));
}

/** How many fingerprints a finding keeps: the smallest ones, so that merging is commutative. */
export const MAX_FINGERPRINTS = 10;

/** Occurrences in one hour of the epoch. */
export interface HourCount {
  readonly hour: number;
  occurrences: number;
}

/**
 * One kind of problem at one place, counted. There is no field for the matched value: what shows of it is the mask,
 * and fingerprints that need the tenant's key.
 */
export interface Finding {
  readonly kind: FindingKind;
  /** Detector id, or the id of the naming rule or class of sensitive keys. */
  readonly detector: string;
  readonly family: string;
  readonly severity: Severity;
  /** The highest of its matches. */
  confidence: Confidence;
  readonly service: string;
  readonly environment: string;
  readonly location: Location;
  /** Attribute key, masked where it matched a detector itself; for naming of spans the span's template. */
  readonly key: string;
  /** Part of the value: a map key, `query.token`, `$.user.email › base64`; '' is the whole. */
  readonly component: string;
  /** Of masks that differ, the first in order of characters. */
  mask: string;
  occurrences: number;
  /** The same by the hour of the spans, in the order of the hours. */
  hours: HourCount[];
  /** Milliseconds since the epoch, by the clock of the spans (or of the receiver where theirs is absurd). */
  firstSeen: number;
  lastSeen: number;
  /**
   * The latest sighting that speaks against a policy that redacts it, null where all were in copies of spans that had not
   * passed the policies yet; `lastSeen` where absent.
   */
  lastPastPolicies?: number | null;
  /** Sorted, at most MAX_FINGERPRINTS. */
  fingerprints: string[];
  /** Hex ids of the latest span that showed it, '' where the span had none. */
  traceId: string;
  spanId: string;
  /** Where in code it came from (`code-place.ts`), sorted, at most MAX_CODE_PLACES. */
  code: string[];
}

/** As it says, or as it follows from the last sighting. */
export function lastPastPolicies(finding: Pick<Finding, 'lastSeen' | 'lastPastPolicies'>): number | null {
  return finding.lastPastPolicies === undefined ? finding.lastSeen : finding.lastPastPolicies;
}

/** Whether a sighting is the example to keep: the later one, and of two at the same time that of the greater ids. */
export function isBetterExample(
  time: number,
  ids: Pick<Finding, 'traceId' | 'spanId'>,
  than: Pick<Finding, 'lastSeen' | 'traceId' | 'spanId'>,
): boolean {
  if (time !== than.lastSeen) return time > than.lastSeen;
  return ids.traceId !== than.traceId ? ids.traceId > than.traceId : ids.spanId > than.spanId;
}
