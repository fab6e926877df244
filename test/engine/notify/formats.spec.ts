import { expect, test } from '@jest/globals';
import type { FindingNotifyEvent, StateNotifyEvent } from '../../../src/engine/model/notification.js';
import { jiraOf } from '../../../src/engine/notify/formats/jira.js';
import { mailOf } from '../../../src/engine/notify/formats/mail.js';
import { pagerdutyOf } from '../../../src/engine/notify/formats/pagerduty.js';
import { slackOf } from '../../../src/engine/notify/formats/slack.js';
import { webhookOf } from '../../../src/engine/notify/formats/webhook.js';
import { messageOf } from '../../../src/engine/notify/message.js';

const AT = Date.UTC(2026, 10, 23, 12);
const first: FindingNotifyEvent = {
  ...{ kind: 'finding_new', id: 'f1', at: AT, severity: 'critical', detector: 'github-pat' },
  ...{ service: 'pay', environment: 'production', team: 'billing', key: 'http.header <x>', occurrences: 7 },
};
const second: FindingNotifyEvent = {
  ...{ kind: 'finding_regressed', id: 'f2', at: AT, severity: 'critical', detector: 'email' },
  ...{ service: 'web', environment: '', team: '', key: 'note', occurrences: 1 },
};
const basis = { id: 'm1', rule: 'On call', at: AT, link: (path: string) => `https://sw.example${path}` };
const message = messageOf({ urgency: 'page', events: [first, second] }, basis);
const TITLE = 'New finding: critical github-pat in pay in production and 1 more';
const LINES = [
  'New finding: critical github-pat in pay in production (http.header <x>; team billing; seen 7 times)',
  'Finding is back: critical email in web (note; unowned; seen 1 times)',
];

test('mail', () => {
  expect(mailOf(message)).toEqual({
    subject: `[page] ${TITLE}`,
    text: [
      TITLE,
      `- ${LINES[0]}\n  https://sw.example/ui/findings/f1\n- ${LINES[1]}\n  https://sw.example/ui/findings/f2`,
      'All findings: https://sw.example/ui/findings\nRule: On call',
    ].join('\n\n'),
  });
});

test('Slack: what its markup reserves is escaped', () => {
  expect(slackOf(message)).toEqual({
    text: TITLE,
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: `[page] ${TITLE}` } },
      section(
        '<https://sw.example/ui/findings/f1|Evidence> New finding: critical github-pat in pay in production ' +
          '(http.header &lt;x&gt;; team billing; seen 7 times)',
      ),
      section(`<https://sw.example/ui/findings/f2|Evidence> ${LINES[1]}`),
      section('<https://sw.example/ui/findings|All findings> · On call'),
    ],
  });
});

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

test('webhook', () => {
  const at = '2026-11-23T12:00:00.000Z';
  expect(webhookOf(message)).toEqual({
    type: 'notification',
    timestamp: at,
    data: {
      ...{ id: 'm1', rule: 'On call', urgency: 'page', severity: 'critical', title: TITLE, count: 2 },
      link: 'https://sw.example/ui/findings',
      events: [
        {
          ...{ type: 'finding_new', finding_id: 'f1', at, severity: 'critical', detector: 'github-pat' },
          ...{ service: 'pay', environment: 'production', team: 'billing', key: 'http.header <x>', occurrences: 7 },
          link: 'https://sw.example/ui/findings/f1',
        },
        {
          ...{ type: 'finding_regressed', finding_id: 'f2', at, severity: 'critical', detector: 'email' },
          ...{ service: 'web', environment: '', team: null, key: 'note', occurrences: 1 },
          link: 'https://sw.example/ui/findings/f2',
        },
      ],
    },
  });
});

test('PagerDuty Events API v2', () => {
  expect(pagerdutyOf(message, 'k'.repeat(32))).toEqual({
    routing_key: 'k'.repeat(32),
    event_action: 'trigger',
    dedup_key: 'm1',
    client: 'spanwarden',
    client_url: 'https://sw.example/ui/findings',
    payload: {
      summary: TITLE,
      source: 'pay',
      severity: 'critical',
      timestamp: '2026-11-23T12:00:00.000Z',
      group: 'billing',
      class: 'finding_new',
      custom_details: { rule: 'On call', count: 2, events: LINES },
    },
    links: [
      { href: 'https://sw.example/ui/findings/f1', text: LINES[0] },
      { href: 'https://sw.example/ui/findings/f2', text: LINES[1] },
    ],
  });
});

test('Jira REST v3', () => {
  const link = (text: string, href: string) => ({ type: 'text', text, marks: [{ type: 'link', attrs: { href } }] });
  const item = (line: string, href: string) => ({
    type: 'listItem',
    content: [{ type: 'paragraph', content: [{ type: 'text', text: `${line} ` }, link('Evidence', href)] }],
  });
  expect(jiraOf(message, { project: 'OPS', issueType: 'Task' })).toEqual({
    fields: {
      project: { key: 'OPS' },
      issuetype: { name: 'Task' },
      summary: TITLE,
      labels: ['spanwarden', 'spanwarden-page', 'spanwarden-m1'],
      description: {
        type: 'doc',
        version: 1,
        content: [
          {
            type: 'bulletList',
            content: [
              item(LINES[0]!, 'https://sw.example/ui/findings/f1'),
              item(LINES[1]!, 'https://sw.example/ui/findings/f2'),
            ],
          },
          {
            type: 'paragraph',
            content: [
              link('All findings', 'https://sw.example/ui/findings'),
              { type: 'text', text: ' · rule On call' },
            ],
          },
        ],
      },
    },
  });
});

test('a message of very many findings with very long names stays within the limits of every receiver', () => {
  const long = { service: 's'.repeat(300), environment: 'e'.repeat(300), team: 't'.repeat(100), key: 'k'.repeat(300) };
  const events = Array.from({ length: 1_000 }, (_, i) => ({ ...first, ...long, id: `finding-${i}` }));
  const many = messageOf({ urgency: 'ticket', events }, basis);
  expect(many).toMatchObject({ count: 1_000, items: { length: 20 } });
  const slack = slackOf(many) as { blocks: { text: { text: string } }[] };
  expect(slack.blocks.length).toBeLessThanOrEqual(50);
  expect(JSON.stringify(slack).length).toBeLessThan(13_000);
  expect(Math.max(...slack.blocks.map(({ text }) => text.text.length))).toBeLessThanOrEqual(3_000);
  expect(Buffer.byteLength(JSON.stringify(webhookOf(many)))).toBeLessThan(20_000);
  const jira = jiraOf(many, { project: 'OPS', issueType: 'Task' }) as { fields: { summary: string } };
  expect(jira.fields.summary.length).toBeLessThanOrEqual(255);
  for (const text of [mailOf(many).text, JSON.stringify(slack), JSON.stringify(jira)])
    expect(text).toContain('980 more');
});

test('what is about something else than findings', () => {
  const event: StateNotifyEvent = {
    ...{ kind: 'budget_actual', id: 'b1', at: AT, severity: 'high', service: '', environment: '', team: 'shop' },
    ...{ title: 'Budget of team shop: 80 % is spent', detail: 'spent 8 of 10 USD', path: '/api/v1/budgets/b' },
  };
  const told = messageOf({ urgency: 'ticket', events: [event] }, basis);
  const line = 'Budget of team shop: 80 % is spent (spent 8 of 10 USD)';
  expect(mailOf(told)).toEqual({
    subject: '[ticket] Budget of team shop: 80 % is spent',
    text: [
      event.title,
      `- ${line}\n  https://sw.example/api/v1/budgets/b`,
      'Overview: https://sw.example/ui/\nRule: On call',
    ].join('\n\n'),
  });
  expect(webhookOf(told).data.events).toEqual([
    {
      ...{ type: 'budget_actual', id: 'b1', at: '2026-11-23T12:00:00.000Z', severity: 'high', service: '' },
      ...{ environment: '', team: 'shop', title: event.title, detail: event.detail },
      link: 'https://sw.example/api/v1/budgets/b',
    },
  ]);
  expect(pagerdutyOf(told, 'k')).toMatchObject({ payload: { source: 'spanwarden', class: 'budget_actual' } });
  expect(JSON.stringify([slackOf(told), jiraOf(told, { project: 'OPS', issueType: 'Task' })])).not.toContain(
    'findings',
  );
});
