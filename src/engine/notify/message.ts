import type { FindingNotifyEvent, Notification, NotifyEvent, NotifyItem } from '../model/notification.js';
import type { Batch } from './decide.js';

/** Events that a message lists; of more it says how many there are. */
const MAX_ITEMS = 20;

const WHAT: Readonly<Record<FindingNotifyEvent['kind'], string>> = {
  finding_new: 'New finding',
  finding_regressed: 'Finding is back',
  finding_escalating: 'Finding grows',
};

/** What a message says beyond its events. */
export interface MessageBasis {
  readonly id: string;
  /** Name of the rule. */
  readonly rule: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Address of a path of ours. */
  readonly link: (path: string) => string;
}

/** The message of a batch, which is not empty. */
export function messageOf({ urgency, events }: Batch, { id, rule, at, link }: MessageBasis): Notification {
  const first = events[0]!;
  const more = events.length > 1 ? ` and ${events.length - 1} more` : '';
  return {
    ...{ id, rule, urgency, severity: first.severity, at, count: events.length },
    title: `${headline(first)}${more}`,
    findings: [...new Set(events.filter((event) => 'detector' in event).map(({ id: of }) => of))].sort(),
    items: events.slice(0, MAX_ITEMS).map((event): NotifyItem => ({ ...event, link: link(pathOf(event)) })),
    link: link(events.some((event) => 'detector' in event) ? '/ui/findings' : '/ui/'),
  };
}

/** An event in a line, without its link. */
export function lineOf(event: NotifyEvent): string {
  if (!('detector' in event)) return `${event.title} (${event.detail})`;
  const owner = event.team === '' ? 'unowned' : `team ${event.team}`;
  return `${headline(event)} (${event.key}; ${owner}; seen ${event.occurrences} times)`;
}

/** What a message does not list; '' where it lists all. */
export function restOf({ count, items }: Notification): string {
  return count > items.length ? `and ${count - items.length} more` : '';
}

/** What the link of a message leads to. */
export function linkTitle({ items }: Notification): string {
  return items.some((item) => 'detector' in item) ? 'All findings' : 'Overview';
}

export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function headline(event: NotifyEvent): string {
  if (!('detector' in event)) return event.title;
  const { kind, severity, detector, service, environment } = event;
  const where = environment === '' ? service : `${service} in ${environment}`;
  return `${WHAT[kind]}: ${severity} ${detector} in ${where}`;
}

function pathOf(event: NotifyEvent): string {
  return 'detector' in event ? `/ui/findings/${event.id}` : event.path;
}
