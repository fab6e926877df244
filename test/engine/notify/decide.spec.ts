import { describe, expect, test } from '@jest/globals';
import {
  type FindingNotifyEvent,
  NOTIFY_EVENTS,
  type NotifyEvent,
  type NotifyRule,
  type StateNotifyEvent,
} from '../../../src/engine/model/notification.js';
import { decide, toldKey } from '../../../src/engine/notify/decide.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Date.UTC(2026, 10, 23, 12);

const rule: NotifyRule = {
  events: ['finding_new', 'finding_regressed', 'finding_escalating'],
  ...{ team: '', service: '', environment: '', minSeverity: 'medium', pageFrom: 'critical' },
  ...{ groupMinutes: 5, repeatHours: 24, quietUntil: null, createdAt: NOW - 240 * HOUR },
};

function event(id: string, over: Partial<FindingNotifyEvent> = {}): FindingNotifyEvent {
  return {
    ...{ kind: 'finding_new', id, at: NOW - 10 * MINUTE, severity: 'high', detector: 'email' },
    ...{ service: 'web', environment: 'production', team: 'shop', key: 'note', occurrences: 3 },
    ...over,
  };
}

const told = (...pairs: [NotifyEvent, number][]) => new Map(pairs.map(([e, at]) => [toldKey(e), at]));
const idsOf = (over: Partial<NotifyRule>, events: NotifyEvent[], known = told(), now = NOW) =>
  decide({ ...rule, ...over }, events, known, {}, now).map(({ urgency, events: e }) => [
    urgency,
    ...e.map((x) => x.id),
  ]);

test('what comes up together is one message of each urgency, worst first', () => {
  const events = [event('a', { severity: 'medium' }), event('b'), event('c', { severity: 'critical' })];
  expect(idsOf({}, events)).toEqual([
    ['page', 'c'],
    ['ticket', 'b', 'a'],
  ]);
  expect(idsOf({ pageFrom: null }, events)).toEqual([['ticket', 'c', 'b', 'a']]);
  expect(idsOf({ pageFrom: 'high' }, events)).toEqual([
    ['page', 'c', 'b'],
    ['ticket', 'a'],
  ]);
});

test('the oldest event waits for as long as events are gathered, and takes younger ones along', () => {
  const young = event('young', { at: NOW - MINUTE });
  expect(idsOf({}, [young])).toEqual([]);
  expect(idsOf({}, [young, event('old', { at: NOW - 5 * MINUTE })])).toEqual([['ticket', 'old', 'young']]);
  expect(idsOf({ groupMinutes: 0 }, [young])).toEqual([['ticket', 'young']]);
});

test('between two messages of an urgency there is as much time, also where events have no moment', () => {
  const grows = event('g', { kind: 'finding_escalating', at: NOW });
  expect(decide(rule, [grows], told(), { ticket: NOW - 4 * MINUTE }, NOW)).toEqual([]);
  expect(decide(rule, [grows], told(), { ticket: NOW - 5 * MINUTE }, NOW)).toHaveLength(1);
  expect(decide(rule, [grows], told(), { page: NOW }, NOW)).toHaveLength(1);
});

describe('nothing is told twice', () => {
  test('a new finding is told once, however long ago', () => {
    const e = event('a', { at: NOW - 100 * HOUR });
    expect(idsOf({}, [e], told([e, NOW - 90 * HOUR]))).toEqual([]);
  });

  test('a finding that comes and goes is told once within the time, and again after it if it is back', () => {
    const back = event('a', { kind: 'finding_regressed', at: NOW - 10 * MINUTE });
    expect(idsOf({}, [back], told([event('a'), NOW - HOUR]))).toEqual([['ticket', 'a']]);
    expect(idsOf({}, [back], told([back, NOW - 23 * HOUR]))).toEqual([]);
    expect(idsOf({}, [back], told([back, NOW - 24 * HOUR]))).toEqual([['ticket', 'a']]);
    expect(idsOf({ repeatHours: 1 }, [back], told([back, NOW - 23 * HOUR]))).toEqual([['ticket', 'a']]);
  });
});

test('while it is quiet nothing is told, and nothing is lost', () => {
  const quiet = { quietUntil: NOW };
  expect(idsOf(quiet, [event('a')], told(), NOW - 1)).toEqual([]);
  expect(idsOf(quiet, [event('a')])).toEqual([['ticket', 'a']]);
});

test.each<[string, Partial<NotifyRule>]>([
  ['another event', { events: ['finding_regressed'] }],
  ['another team', { team: 'pay' }],
  ['another service', { service: 'api' }],
  ['another environment', { environment: 'staging' }],
  ['a worse severity', { minSeverity: 'critical' }],
  ['what comes after it was made', { createdAt: NOW }],
])('a rule that wants %s does not hear of it', (_, over) => {
  expect(idsOf(over, [event('a')])).toEqual([]);
  expect(idsOf({ team: 'shop', service: 'web', environment: 'production', minSeverity: 'high' }, [event('a')])).toEqual(
    [['ticket', 'a']],
  );
});

describe('what is about something else than findings', () => {
  const state = (kind: StateNotifyEvent['kind'], at: number): StateNotifyEvent => ({
    ...{ kind, id: 's', at, severity: 'low', service: '', environment: '', team: 'shop' },
    ...{ title: 'Title', detail: 'detail', path: '/ui/' },
  });
  const all = { events: [...NOTIFY_EVENTS], groupMinutes: 0 };
  const kinds = (events: NotifyEvent[], known = told(), over: Partial<NotifyRule> = all) =>
    decide({ ...rule, ...over }, events, known, {}, NOW).flatMap((batch) => batch.events.map(({ kind }) => kind));

  test('the least severity is one of findings', () => {
    expect(kinds([state('budget_actual', NOW - 1)])).toEqual(['budget_actual']);
    expect(kinds([state('budget_actual', NOW - 1)], told(), { ...all, team: 'pay' })).toEqual([]);
    expect(kinds([state('budget_actual', NOW - 1)], told(), { ...all, events: ['finding_new'] })).toEqual([]);
  });

  test('that it ended hears who heard that it began', () => {
    const began = state('quality_bad', NOW - HOUR);
    const ended = state('quality_recovered', NOW - MINUTE);
    expect(kinds([ended])).toEqual([]);
    expect(kinds([ended], told([began, NOW - 30 * MINUTE]))).toEqual(['quality_recovered']);
    expect(kinds([ended], told([began, NOW - 30 * MINUTE], [ended, NOW - HOUR]))).toEqual([]);
    expect(kinds([ended], told(), { ...all, events: ['quality_recovered'] })).toEqual(['quality_recovered']);
  });
});
