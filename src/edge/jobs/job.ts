import type { PeriodicEdition } from './periods.js';

/** What the queue carries: pointers to what is in the store, never spans and never anything of their values. */
export interface JobData {
  /** Make policies from open findings. */
  readonly suggest: { readonly tenant: string };
  /** Fill a report that was begun. */
  readonly report: { readonly tenant: string; readonly id: string };
  /** Judge the growth of attributes, and find those with too many values. */
  readonly cardinality: { readonly tenant: string };
  /** Put past hours of attributes into their days. */
  readonly 'fold-days': { readonly tenant: string };
  /** Ask a Prometheus how many requests there were. */
  readonly 'request-totals': { readonly tenant: string };
  /** Ask a Prometheus for exact numbers of spans. */
  readonly 'usage-counters': { readonly tenant: string };
  /** Begin and fill the reports of the period of a time zone that ended last, and have them delivered. */
  readonly 'periodic-reports': {
    readonly tenant: string;
    readonly edition: PeriodicEdition;
    readonly timeZone: string;
  };
  /** Set the probabilities anew of sampling policies that follow the traffic. */
  readonly 'adapt-sampling': { readonly tenant: string };
  /** Look at how budgets of teams stand. */
  readonly budgets: { readonly tenant: string };
  /** Take roll-outs of policies further. */
  readonly rollouts: { readonly tenant: string };
  /** Look at trace quality, and at who has gone silent, as far as a rule asks for it. */
  readonly watch: { readonly tenant: string };
  /** Keep what policies promise to save that were approved. */
  readonly promises: { readonly tenant: string };
  /** Tell of findings by the rules of notifications. */
  readonly notify: { readonly tenant: string };
  /** Try a delivery of the outbox. */
  readonly deliver: { readonly tenant: string; readonly id: string };
  /** Queue deliveries that wait and are not in the queue, such as after a crash. */
  readonly outbox: Record<string, never>;
  /** Give changes that nobody ended their event, and make a checkpoint of the audit log. */
  readonly 'audit-checkpoint': { readonly tenant: string };
  /** Verify the audit log. */
  readonly 'audit-verify': { readonly tenant: string };
  /** Remove what is older than it is kept, and open findings that were resolved until now. */
  readonly retention: Record<string, never>;
}

export type JobName = keyof JobData;

/** Every job has exactly one handler: the compiler holds the two together. */
export type JobHandlers = { readonly [Name in JobName]: (data: JobData[Name]) => Promise<void> };
