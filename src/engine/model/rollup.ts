import type { Finding } from './finding.js';
import type { Location } from './location.js';
import type { Sketch } from './sketch.js';

/** Hour of the epoch: floor(milliseconds / 3,600,000). */
export type Hour = number;

export interface UsageRow {
  readonly service: string;
  readonly environment: string;
  readonly hour: Hour;
  spans: number;
  errorSpans: number;
  /** OTLP protobuf bytes of the spans. */
  spanBytes: number;
  /** OTLP protobuf bytes of the resources and scopes they came under. */
  sharedBytes: number;
  /** Of these, the spans of which it is known how many they stand for, and their bytes with the shared ones. */
  weighedSpans: number;
  weighedBytes: number;
  /** Horvitz–Thompson totals of those. */
  estimatedSpans: number;
  estimatedBytes: number;
  /** What the error of the totals follows from, TRACE_SUMS long; see `trace-sums.ts`. */
  readonly traceSums: Float64Array;
}

/** How many forms are kept of an attribute's values, and of what varies in a span name. */
export const MAX_SHAPES = 8;

export interface AttributeRow {
  readonly service: string;
  readonly environment: string;
  readonly location: Location;
  readonly key: string;
  readonly hour: Hour;
  observations: number;
  bytes: number;
  /** Bit i is set when VALUE_TYPES[i] was seen. */
  types: number;
  /** Forms of values, such as `9{4}-a{2}`, in order of characters: of more than MAX_SHAPES the first. */
  readonly shapes: string[];
  readonly values: Sketch;
}

export interface SpanNameRow {
  readonly service: string;
  readonly environment: string;
  /** The name with ids replaced by placeholders, and masked where a detector matched. */
  readonly template: string;
  readonly spanKind: number;
  readonly hour: Hour;
  spans: number;
  errorSpans: number;
  bytes: number;
  readonly names: Sketch;
  /** What was replaced in the names, as forms (`9999`, `uuid`): the first MAX_SHAPES in their order, sorted. */
  readonly shapes: string[];
}

/** What a resource says of the service that it describes. */
export interface ServiceRow {
  readonly service: string;
  readonly environment: string;
  /** `service.namespace`, '' where absent. */
  readonly namespace: string;
  /** The first of the team keys (`team`, `owner`, …) that is set, '' where none is. */
  readonly teamHint: string;
  /** Team by a label of the Kubernetes namespace or pod, '' where none says it. */
  readonly teamLabel: string;
  /** `k8s.namespace.name` where it can be a team's, '' otherwise. */
  readonly kubernetesNamespace: string;
}

/**
 * What is left of spans after the analysis: counts, names that passed the detectors, sketches. Rows are unique by
 * their readonly fields (in a request whose spans passed policies of several revisions: once it is merged), and merging two
 * rollups is associative and commutative.
 */
export interface Rollup {
  readonly usage: UsageRow[];
  readonly attributes: AttributeRow[];
  readonly spanNames: SpanNameRow[];
  readonly services: ServiceRow[];
  readonly findings: Finding[];
}
