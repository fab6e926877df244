/** Where a finding stands: nobody decided on it, somebody looks after it, or it is done with. */
export const FINDING_STATES = ['open', 'acknowledged', 'resolved'] as const;
export type FindingState = (typeof FINDING_STATES)[number];

/** What time made of a finding that is not resolved. */
export const FINDING_SUBSTATES = ['new', 'ongoing', 'escalating', 'regressed'] as const;
export type FindingSubstate = (typeof FINDING_SUBSTATES)[number];

/** Why a finding is resolved. */
export const RESOLUTIONS = [
  'fixed_at_source',
  'redacted_by_policy',
  'false_positive',
  'used_in_tests',
  'wont_fix',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What happened to a finding: by a person, or (the last two) by itself. */
export const FINDING_ACTIONS = ['reopened', 'acknowledged', 'resolved', 'commented', 'regressed', 'expired'] as const;
export type FindingAction = (typeof FINDING_ACTIONS)[number];

/** What a person decides on a finding; a comment alone leaves the state as it is. */
export interface FindingChange {
  readonly state?: FindingState | undefined;
  readonly resolution?: Resolution | undefined;
  /** Milliseconds since the epoch; only for `wont_fix`. */
  readonly expires?: number | undefined;
  readonly comment?: string | undefined;
  /** Whether data showed that it is resolved: then the next match opens it again. */
  readonly isProved?: boolean;
}
