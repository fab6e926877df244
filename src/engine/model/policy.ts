import type { Location } from './location.js';
import type { SamplingRules } from './sampling.js';

/**
 * `draft`: somebody wrote it; `suggested`: it answers what was found; `approved`: it is rolled out to collectors, stage by
 * stage; `active`: all have it, and it is proved; `rejected`: somebody does not want it.
 */
export const POLICY_STATES = [
  'draft',
  'suggested',
  'approved',
  'active',
  'superseded',
  'rolled_back',
  'rejected',
] as const;
export type PolicyState = (typeof POLICY_STATES)[number];

/** States in which a version waits for somebody to decide on it. */
export const PROPOSED = ['draft', 'suggested'] as const satisfies readonly PolicyState[];
/** States in which collectors may have it. */
export const IN_FORCE = ['approved', 'active'] as const satisfies readonly PolicyState[];

/** A part of a value that is to be masked: RE2, where the group named `match` is the part, or else the whole match. */
export interface RedactionPattern {
  readonly detector: string;
  readonly pattern: string;
}

/** What a policy does to spans, whichever product carries it out. */
export type PolicyAction =
  | { readonly kind: 'mask'; readonly patterns: readonly RedactionPattern[] }
  | { readonly kind: 'mask-value' }
  | { readonly kind: 'delete' }
  /** SHA-256 of texts, in hexadecimal. */
  | { readonly kind: 'hash' }
  /** Texts end after so many characters, at most 1,000. */
  | { readonly kind: 'truncate'; readonly length: number }
  | { readonly kind: 'rename'; readonly to: string }
  /** HMAC-SHA-256 of texts, in hexadecimal, with a key that the collector has and spanwarden has not. */
  | { readonly kind: 'keyed-hash' }
  | KeepAction
  | DropAction
  | SpanNameAction
  /** Keeps some traces whole and drops the others; the policy's services are those of root spans, none for all. */
  | SampleAction;

export type SampleAction = { readonly kind: 'sample' } & SamplingRules;

/** Of all attributes of a location only those with these keys stay; the policy's own key is `*`. */
export interface KeepAction {
  readonly kind: 'keep';
  readonly keys: readonly string[];
}

/**
 * Spans go, one by one, wherever they stand in their trace: those with a name, or with a text under the policy's key of
 * the span, its scope or its resource.
 */
export interface DropAction {
  readonly kind: 'drop';
  /** A template of span names where the policy is about span names, and else the whole text. */
  readonly match: string;
  /** Of span names: names and templates that stay although the template could stand for them. */
  readonly except?: readonly string[];
  /** Whether spans of status Error stay. */
  readonly keepErrors: boolean;
}

/** Span names of a template become one: its own form, or another name. */
export interface SpanNameAction {
  readonly kind: 'template';
  readonly template: string;
  /** The template itself without it. */
  readonly name?: string;
  /** Names and templates that are operations of their own although the template could stand for them. */
  readonly except?: readonly string[];
}

/** A figure that a suggestion stands on. */
export interface PolicyEvidence {
  /** What was counted, as `occurrences` or `bytes`. */
  readonly measure: EvidenceMeasure;
  readonly value: number;
}

/**
 * `occurrences` and `bytes` of what the policy acts on, `distinct_values` of them, `names` of spans that one template stands
 * for, `spans` that have such a name, and OTLP `bytes_saved`: all of the time that was looked at.
 */
export const EVIDENCE_MEASURES = ['occurrences', 'bytes', 'distinct_values', 'names', 'spans', 'bytes_saved'] as const;
export type EvidenceMeasure = (typeof EVIDENCE_MEASURES)[number];

/** One policy per cause: an attribute (or span name, or status) and what is wrong with it. */
export interface Policy {
  /** What the policy is about: policies of the same cause are versions of each other. */
  readonly cause: string;
  readonly title: string;
  readonly reason: string;
  readonly location: Location;
  /** Attribute key; for span names and status messages the name of the field, and `*` for all attributes. */
  readonly key: string;
  /** Services in which it was seen, sorted; the policy touches no others. */
  readonly services: readonly string[];
  /** Environments that it is for, sorted; all where there are none. Sampling says its own. */
  readonly environments?: readonly string[];
  readonly action: PolicyAction;
  /** Ids of the findings that it answers, sorted. */
  readonly findings: readonly string[];
  /** What it stands on, at the time of the suggestion. */
  readonly evidence?: readonly PolicyEvidence[];
}

/** A policy with its place in the life of policies. */
export interface PolicyVersion {
  readonly id: string;
  readonly version: number;
  readonly state: PolicyState;
  readonly policy: Policy;
}
