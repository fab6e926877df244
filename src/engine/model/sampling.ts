/*
 * What a policy on sampling says, whichever product carries it out. Whole traces are kept or dropped; a trace belongs to
 * the operation of its root span: the service and the name of the span without a parent.
 */

/**
 * Who decides: the SDK when a root span starts (`sdk`), the collector for every span by its trace id alone (`collector`),
 * or the collector when a trace is complete (`tail`), which alone can tell errors and slow traces.
 */
export const SAMPLING_STAGES = ['sdk', 'collector', 'tail'] as const;
export type SamplingStage = (typeof SAMPLING_STAGES)[number];

/** Traces that are always kept. */
export interface KeepRules {
  /** With a span of status Error. */
  readonly errors: boolean;
  /** That last longer than this, in whole milliseconds; null for none. */
  readonly slowerThanMs: number | null;
  /** Through routes that the business stands on. */
  readonly critical: readonly CriticalRoute[];
}

/** Any span of a trace with this name (a template such as `POST /orders/{id}`), or with this text as an attribute. */
export type CriticalRoute =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'attribute'; readonly key: string; readonly value: string };

/** The share of its traces that an operation keeps, 0 to 1. */
export interface OperationRate {
  readonly service: string;
  /** Template of root span names. */
  readonly operation: string;
  readonly probability: number;
}

/** What may be kept. Money is by month of 30 days, in the currency of the price model. */
export type SamplingBudget =
  | { readonly kind: 'spans_per_second'; readonly amount: number }
  | { readonly kind: 'gigabytes_per_day'; readonly amount: number }
  | { readonly kind: 'money_per_month'; readonly amount: number; readonly priceModel: string };

export interface SamplingRules {
  readonly stage: SamplingStage;
  /** '' for all. */
  readonly environment: string;
  readonly keep: KeepRules;
  /** At most MAX_OPERATIONS. */
  readonly operations: readonly OperationRate[];
  /** Of operations that are not listed, which are the rare ones. */
  readonly otherwise: number;
  /** No probability falls below it. */
  readonly floor: number;
  /** Null where people set the probabilities. */
  readonly budget: SamplingBudget | null;
  /** Whether a job may set the probabilities anew, between floor and 1, without asking again. */
  readonly adaptive: boolean;
}

/** Of one policy: what a collector looks through for each trace. */
export const MAX_OPERATIONS = 200;
export const MAX_CRITICAL = 50;
