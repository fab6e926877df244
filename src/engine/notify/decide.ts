import { SEVERITIES, type Severity } from '../model/finding.js';
import type { NotifyEvent, NotifyEventKind, NotifyRule, Urgency } from '../model/notification.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What was told of a finding or of something else last, by `toldKey`; milliseconds since the epoch. */
export type Told = ReadonlyMap<string, number>;

/** Events that make one message, worst first. */
export interface Batch {
  readonly urgency: Urgency;
  readonly events: readonly NotifyEvent[];
}

export function toldKey({ id, kind }: { id: string; kind: NotifyEventKind }): string {
  return `${id} ${kind}`;
}

/**
 * Which messages a rule makes now: at most one of each urgency. What is held back (quiet, gathered, told a short time ago)
 * is not lost: it comes with a later call, if it is so still.
 *
 * @param lastAt when the rule made messages last, by urgency; milliseconds since the epoch
 * @param now milliseconds since the epoch
 */
export function decide(
  rule: NotifyRule,
  events: readonly NotifyEvent[],
  told: Told,
  lastAt: Readonly<Partial<Record<Urgency, number>>>,
  now: number,
): Batch[] {
  if (rule.quietUntil !== null && now < rule.quietUntil) return [];
  const wanted = events.filter(
    (event) => isWanted(rule, event) && !isTold(rule, event, told, now) && !isUnasked(rule, event, told),
  );
  const batches: Batch[] = [];
  for (const urgency of ['page', 'ticket'] as const) {
    const ofUrgency = wanted.filter(({ severity }) => urgencyOf(rule, severity) === urgency);
    if (isDue(rule, ofUrgency, lastAt[urgency], now))
      batches.push({ urgency, events: [...ofUrgency].sort(worstFirst) });
  }
  return batches;
}

export function urgencyOf({ pageFrom }: Pick<NotifyRule, 'pageFrom'>, severity: Severity): Urgency {
  return pageFrom !== null && isAtLeast(severity, pageFrom) ? 'page' : 'ticket';
}

/** `SEVERITIES` has the worst first. */
function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

function isWanted(rule: NotifyRule, event: NotifyEvent): boolean {
  return (
    rule.events.includes(event.kind) &&
    event.at >= rule.createdAt &&
    (!('detector' in event) || isAtLeast(event.severity, rule.minSeverity)) &&
    (['team', 'service', 'environment'] as const).every((field) => rule[field] === '' || rule[field] === event[field])
  );
}

/** A finding regresses each time anew, so that counts again, but not within the time in which nothing is repeated. */
function isTold(rule: NotifyRule, event: NotifyEvent, told: Told, now: number): boolean {
  const at = told.get(toldKey(event));
  return at !== undefined && (at >= event.at || now - at < rule.repeatHours * HOUR);
}

/** What ends again is told to those who heard that it began. */
const ENDS: Readonly<Partial<Record<NotifyEventKind, NotifyEventKind>>> = {
  quality_recovered: 'quality_bad',
  source_back: 'source_silent',
};

function isUnasked(rule: NotifyRule, { id, kind, at }: NotifyEvent, told: Told): boolean {
  const began = ENDS[kind];
  if (began === undefined || !rule.events.includes(began)) return false;
  const heard = told.get(toldKey({ id, kind: began }));
  return heard === undefined || heard > at;
}

/** An escalation has no moment, so it waits for nothing but the message before. */
function isDue(rule: NotifyRule, events: readonly NotifyEvent[], lastAt: number | undefined, now: number): boolean {
  const wait = rule.groupMinutes * MINUTE;
  if (lastAt !== undefined && now - lastAt < wait) return false;
  return events.some(({ kind, at }) => kind === 'finding_escalating' || now - at >= wait);
}

function worstFirst(a: NotifyEvent, b: NotifyEvent): number {
  const bySeverity = SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
  if (bySeverity !== 0) return bySeverity;
  return a.at - b.at || (toldKey(a) < toldKey(b) ? -1 : 1);
}
