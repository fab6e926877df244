/** What the queue carries: pointers to what is in the store, never spans and never anything of their values. */
export interface JobData {
  /** Make policies from open findings. */
  readonly suggest: { readonly tenant: string };
  /** Fill a report that was begun. */
  readonly report: { readonly tenant: string; readonly id: string };
  /** Begin and fill the report of the week that ended last. */
  readonly 'weekly-report': { readonly tenant: string };
  /** Judge the growth of attributes, and find those with too many values. */
  readonly cardinality: { readonly tenant: string };
  /** Put past hours of attributes into their days. */
  readonly 'fold-days': { readonly tenant: string };
  /** Ask a Prometheus how many requests there were. */
  readonly 'request-totals': { readonly tenant: string };
  /** Remove what is older than it is kept, and open findings that were resolved until now. */
  readonly retention: Record<string, never>;
}

export type JobName = keyof JobData;

/** Every job has exactly one handler: the compiler holds the two together. */
export type JobHandlers = { readonly [Name in JobName]: (data: JobData[Name]) => Promise<void> };
