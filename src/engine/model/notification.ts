import type { Severity } from './finding.js';

export const FINDING_EVENTS = ['finding_new', 'finding_regressed', 'finding_escalating'] as const;
/** What comes to be of something else than a finding. */
export const STATE_EVENTS = [
  'budget_actual',
  'budget_forecast',
  'quality_bad',
  'quality_recovered',
  'source_silent',
  'source_back',
] as const;
/** What a notification can be about. */
export const NOTIFY_EVENTS = [...FINDING_EVENTS, ...STATE_EVENTS] as const;
export type NotifyEventKind = (typeof NOTIFY_EVENTS)[number];

/** A page wants somebody now, a ticket in working hours. */
export const URGENCIES = ['page', 'ticket'] as const;
export type Urgency = (typeof URGENCIES)[number];

/** Ways by which notifications go out. */
export const NOTIFY_CHANNELS = ['mail', 'slack', 'webhook', 'ocsf', 'pagerduty', 'jira'] as const;
export type NotifyChannel = (typeof NOTIFY_CHANNELS)[number];

interface EventBase {
  /** Of the finding, or of what else it is about. */
  readonly id: string;
  /** Milliseconds since the epoch; of an escalation, which has no moment, when it was looked for. */
  readonly at: number;
  readonly severity: Severity;
  /** '' where it is about no service. */
  readonly service: string;
  readonly environment: string;
  /** Owner of the service; '' where nobody is. */
  readonly team: string;
}

/** Something that happened to a finding: names and counts, no mask and no value. */
export interface FindingNotifyEvent extends EventBase {
  readonly kind: (typeof FINDING_EVENTS)[number];
  readonly detector: string;
  /** As findings show it: masked where it matched a detector itself. */
  readonly key: string;
  readonly occurrences: number;
}

/** Something else that came to be, in words: names and figures, no value. */
export interface StateNotifyEvent extends EventBase {
  readonly kind: (typeof STATE_EVENTS)[number];
  readonly title: string;
  readonly detail: string;
  /** Of ours, where the evidence is. */
  readonly path: string;
}

export type NotifyEvent = FindingNotifyEvent | StateNotifyEvent;

/** Who wants to hear of what. An empty filter takes everything. */
export interface NotifyRule {
  readonly events: readonly NotifyEventKind[];
  readonly team: string;
  readonly service: string;
  readonly environment: string;
  /** Of findings; for the rest the severity only says how urgent it is. */
  readonly minSeverity: Severity;
  /** From this severity on a message is a page; null for never. */
  readonly pageFrom: Severity | null;
  /** Minutes that events are gathered for, and the least time between two messages of an urgency. */
  readonly groupMinutes: number;
  /** Hours in which the same of a finding is not told again. */
  readonly repeatHours: number;
  /** Milliseconds since the epoch; until then everything is held back, for instance around a deployment. */
  readonly quietUntil: number | null;
  /** What happened before is not told. */
  readonly createdAt: number;
}

/** An event as a message shows it, with the address of the evidence. */
export type NotifyItem = NotifyEvent & { readonly link: string };

/** One message: what became known together, worst first. */
export interface Notification {
  readonly id: string;
  readonly rule: string;
  readonly urgency: Urgency;
  /** The worst of its events. */
  readonly severity: Severity;
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Events in all; `items` holds the first of them. */
  readonly count: number;
  readonly items: readonly NotifyItem[];
  /** Ids of all findings that it tells, in the order of the ids; absent in messages of earlier versions. */
  readonly findings?: readonly string[];
  /** Where there is more: the list of findings, where it tells of some. */
  readonly link: string;
}
