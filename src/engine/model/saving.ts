import type { Interval } from './interval.js';

export const PROMISE_METHODS = ['simulation', 'estimate', 'none'] as const;
/** Where a promise comes from: a simulation on live spans, the form of the policy, or nobody made one. */
export type PromiseMethod = (typeof PROMISE_METHODS)[number];

export const SAVING_VERDICTS = ['kept', 'missed', 'no_promise', 'insufficient_evidence'] as const;
export type SavingVerdict = (typeof SAVING_VERDICTS)[number];

/** What a policy was to save, and what it saves. Bytes are estimated, money is at marginal prices. */
export interface PolicySaving {
  readonly policy: string;
  readonly version: number;
  readonly title: string;
  /** Those that the figures are of, sorted. */
  readonly services: readonly string[];
  /** When it was approved, ISO 8601. */
  readonly since: string;
  readonly promised: {
    readonly method: PromiseMethod;
    /** Of all bytes of the services, when it was approved; null where nothing was promised. */
    readonly share: number | null;
    /** At the volume of the time that was measured. */
    readonly bytes: number | null;
    readonly money: number | null;
  };
  /** Null where there is not enough evidence. */
  readonly measured: {
    readonly from: string;
    readonly to: string;
    /** Of what the services would have sent without it. */
    readonly share: number;
    readonly shareInterval: Interval;
    readonly bytes: number;
    readonly bytesInterval: Interval;
    readonly money: number;
    readonly moneyInterval: Interval;
  } | null;
  readonly verdict: SavingVerdict;
  /** Why there is no verdict; '' where there is one. */
  readonly reason: string;
}
