import type { Exclusion } from '../../engine/detect/exclusions.js';

/** What a tenant changed about the rules that ship, as plain data that goes to the threads. */
export interface TenantRules {
  readonly tenant: string;
  /** Of the document; 0 before there is one. */
  readonly version: number;
  readonly document: string;
  /** Detectors of this version that took too long. */
  readonly switchedOff: readonly SwitchedOff[];
  /** Expired ones may be among them. */
  readonly exclusions: readonly Exclusion[];
}

export interface SwitchedOff {
  readonly detector: string;
  readonly reason: string;
}

/** A thread says that it switched a detector off. */
export interface SwitchedOffEvent extends SwitchedOff {
  readonly tenant: string;
  readonly version: number;
}
