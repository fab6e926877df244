import type { FindingKind, Severity } from './finding.js';
import type { Location } from './location.js';

/** How often policies did what. A value is counted once for each policy. */
export interface EffectCounts {
  /** Values that were masked, hashed or cut. */
  masked: number;
  /** Attributes that are gone, with those whose new name was taken. */
  removed: number;
  /** Attributes under a new name. */
  renamed: number;
  /** Span names that became another. */
  generalised: number;
  /** Spans that are gone, each by itself. */
  dropped: number;
  /** OTLP protobuf bytes of the attributes, texts and dropped spans that are less; below 0 where they are more. */
  bytes: number;
}

/** What one policy did to one service. */
export interface EffectRow extends EffectCounts {
  /** Id of the policy. */
  readonly policy: string;
  readonly service: string;
}

/** Exact counts of OTLP protobuf. */
export interface Volume {
  spans: number;
  bytes: number;
}

export interface ServiceChange {
  readonly service: string;
  readonly before: Volume;
  readonly after: Volume;
}

/** An attribute, or a text field under its key, that is not what it was. */
export interface AttributeChange {
  readonly service: string;
  readonly location: Location;
  readonly key: string;
  readonly before: { observations: number; bytes: number };
  readonly after: { observations: number; bytes: number };
}

/** How often something was found before the policies and after them. */
export interface FindingChange {
  readonly kind: FindingKind;
  /** Id of the detector or rule. */
  readonly detector: string;
  readonly severity: Severity;
  readonly service: string;
  readonly location: Location;
  /** As findings have it. */
  readonly key: string;
  readonly component: string;
  before: number;
  after: number;
}

/**
 * Usage with what it stands for as far as spans say so; all of it adds up. The sums are those of `trace-sums.ts`: BUCKETS
 * of spans, then BUCKETS of bytes.
 */
export interface SampledVolume extends Volume {
  weighedSpans: number;
  weighedBytes: number;
  estimatedSpans: number;
  estimatedBytes: number;
  knownSums: number[];
  unknownSums: number[];
}

/** Kinds of traces; a trace is of the first that holds. */
export const TRACE_CLASSES = ['error', 'slow', 'critical', 'rare', 'other'] as const;
export type TraceClass = (typeof TRACE_CLASSES)[number];

/** What sampling does to the traces of one kind. Spans are those of traces that came whole. */
export interface TraceClassCounts {
  readonly class: TraceClass;
  keptTraces: number;
  droppedTraces: number;
  keptSpans: number;
  droppedSpans: number;
}

/** Traces that policies on sampling speak of. */
export interface SimulatedTraces {
  readonly classes: readonly TraceClassCounts[];
  /** With a root, and with the parent of each span; only these are counted by class. */
  whole: number;
  /** The root or a parent did not come. */
  broken: number;
  /** Not complete yet when the simulation ended, or beyond what it can hold. */
  open: number;
}

/** Sums over the parts of a sample, of x and of what is less of it, d: the error of d/x follows from them. */
export interface Moments {
  x: number;
  d: number;
  xx: number;
  xd: number;
  dd: number;
}

/**
 * How much is less of what a service sends. A unit is a request, or a trace where traces are kept or dropped. Spans count
 * as often as their tracestate says that they stand for, and once where it does not.
 */
export interface RatioRow {
  readonly service: string;
  units: number;
  readonly bytes: Moments;
  readonly spans: Moments;
}

/** What policies do to spans, without any value of them. Two of it add up. */
export interface SimulatedCounts {
  readonly before: SampledVolume;
  readonly after: SampledVolume;
  /** Of the spans before, those that are not the same after: themselves, or their resource or scope. */
  readonly spansTouched: number;
  readonly effects: readonly EffectRow[];
  readonly services: readonly ServiceChange[];
  /** Those that changed only. */
  readonly attributes: readonly AttributeChange[];
  readonly findings: readonly FindingChange[];
  /** Occurrences of findings beyond the limit of the list, before and after. */
  readonly otherFindings: { readonly before: number; readonly after: number };
  readonly traces: SimulatedTraces;
  /** By service, for what is saved in the long run. */
  readonly ratios: readonly RatioRow[];
}

export const SIMULATION_STATES = ['running', 'done'] as const;
export type SimulationState = (typeof SIMULATION_STATES)[number];

/** A simulation of one version of a policy on live spans. */
export interface Simulation {
  readonly id: string;
  /** Id and version of the policy. */
  readonly policy: string;
  readonly version: number;
  readonly state: SimulationState;
  readonly startedAt: Date;
  /** When it ends at the latest, or ended. */
  readonly endsAt: Date;
  /** Spans of the policy's services after which it ends. */
  readonly maxSpans: number;
  /** What was counted so far. */
  readonly counts: SimulatedCounts;
}
