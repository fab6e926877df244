import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { contentHashOf, FORMATS } from '../../src/edge/report/render.js';
import type { Report } from '../../src/engine/model/report.js';
import { buildReport, type ReportInput } from '../../src/engine/report/build.js';
import { costAt, explainChange, useOf } from '../../src/engine/report/explain.js';
import { REPORT_TABLES, renderCsv } from '../../src/engine/report/formats/csv.js';
import { REPORT_FORMATS, type ReportFormatName } from '../../src/engine/report/formats/index.js';
import { bytes, change, count, money, percent } from '../../src/engine/report/numbers.js';
import { pruneList } from '../../src/engine/report/prune.js';
import { slackMessages } from '../../src/engine/report/slack.js';
import { expectGolden } from '../support/golden.js';
import { ROOT } from '../support/service.js';
import { costed, EMPTY, QUIET, use, WEEK } from './input.js';

const INPUTS: Readonly<Record<string, ReportInput>> = {
  'week-security': WEEK,
  'week-team-lead': costed({ ...WEEK, audience: 'team-lead', team: 'payments' }),
  'week-executive': { ...WEEK, audience: 'executive' },
  'month-team-lead': { ...WEEK, edition: 'monthly', audience: 'team-lead' },
  'quarter-executive': { ...WEEK, edition: 'quarterly', audience: 'executive' },
  quiet: QUIET,
  empty: EMPTY,
};

describe.each(Object.keys(INPUTS))('report %s', (name) => {
  const report = buildReport(INPUTS[name]!);
  const contentHash = contentHashOf(report);

  test.each(Object.keys(REPORT_FORMATS) as ReportFormatName[])('as %s is its golden file', (format) => {
    expectGolden(`report/${name}/report.golden.${format}`, REPORT_FORMATS[format].render(report, contentHash));
  });

  test('as PDF is the same bytes each time, those of its golden hash', async () => {
    const pdf = Buffer.from(await FORMATS.pdf!.render(report, contentHash));
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(hash('sha256', Buffer.from(await FORMATS.pdf!.render(report, contentHash)), 'hex')).toBe(
      hash('sha256', pdf, 'hex'),
    );
    expectGolden(`report/${name}/report.golden.pdf.sha256`, `${hash('sha256', pdf, 'hex')}\n`);
  });

  test('for Slack keeps its limits and leaves no markup of others', () => {
    const messages = slackMessages(report, contentHash);
    expectGolden(`report/${name}/report.golden.slack.json`, `${JSON.stringify(messages, null, 2)}\n`);
    for (const message of messages) {
      expect(message.blocks.length).toBeLessThanOrEqual(50);
      expect(JSON.stringify(message).length).toBeLessThanOrEqual(10_000);
      expect(JSON.stringify(message)).not.toContain('<!');
    }
  });
});

test('a long report becomes several messages for Slack, none of them too long', () => {
  const list = Array.from({ length: 50 }, (_, i) => ({
    ...WEEK.findings.list[0]!,
    id: String(i),
    service: `${i}`.padEnd(290, 's'),
  }));
  const actions = Array.from({ length: 5 }, (_, i) => ({
    ...WEEK.actions[0]!,
    title: `Do ${i}`,
    fix: '- "x&y"\n'.repeat(180),
  }));
  const messages = slackMessages(buildReport({ ...WEEK, actions, findings: { ...WEEK.findings, list } }), 'hash');
  expect(messages.length).toBeGreaterThan(1);
  for (const { blocks, text } of messages) {
    expect(JSON.stringify({ blocks, text }).length).toBeLessThanOrEqual(10_000);
    for (const block of blocks)
      expect(block.text.text.length).toBeLessThanOrEqual(block.type === 'header' ? 150 : 3_000);
  }
});

test('a report that was made by an earlier version is shown in all formats, and its content stays as it is', async () => {
  const stored = readFileSync(join(ROOT, 'test', 'report', 'earlier', 'report.json'), 'utf8');
  for (const audience of ['security', 'team-lead', 'executive'] as const) {
    const report = { ...(JSON.parse(stored) as Report), audience };
    for (const { render } of Object.values(FORMATS)) expect((await render(report, 'hash')).length).toBeGreaterThan(100);
    for (const table of REPORT_TABLES) expect(renderCsv(report, 'hash', table)).not.toContain('undefined');
    expect(slackMessages(report, 'hash').length).toBeGreaterThan(0);
    const text = REPORT_FORMATS.md.render(report, 'hash');
    expect(text).toContain('no policy is in force');
    expect(text).not.toMatch(/undefined|NaN/);
  }
  expect(JSON.parse(REPORT_FORMATS.json.render(JSON.parse(stored) as Report, 'hash')).report).toEqual(
    JSON.parse(stored),
  );
});

test('the order of what is given does not change the report', () => {
  const turned = {
    ...WEEK,
    services: [...WEEK.services].reverse(),
    findings: {
      ...WEEK.findings,
      list: [...WEEK.findings.list].reverse(),
      counts: [...WEEK.findings.counts].reverse(),
    },
    actions: [...WEEK.actions].reverse(),
    naming: [...WEEK.naming].reverse(),
  };
  expect(contentHashOf(buildReport(turned))).toBe(contentHashOf(buildReport(WEEK)));
});

test('the hash is that of the content, whichever order its keys come in', () => {
  const report = buildReport(WEEK);
  const turned = Object.fromEntries(Object.entries(report).reverse()) as unknown as typeof report;
  expect(contentHashOf(turned)).toBe(contentHashOf(report));
  expect(contentHashOf({ ...report, newAttributes: 2 })).not.toBe(contentHashOf(report));
});

test('where nothing changed there are three lines', () => {
  const report = buildReport(QUIET);
  expect(report.isQuiet).toBe(true);
  const lines = REPORT_FORMATS.md
    .render(report, contentHashOf(report))
    .split('\n')
    .filter((line) => line.startsWith('- '));
  expect(lines).toHaveLength(3);
  expect(buildReport({ ...QUIET, newAttributes: 1 }).isQuiet).toBe(false);
});

describe('why a cost changed', () => {
  const total = (c: ReturnType<typeof explainChange>) => c.volume + c.size + c.price + c.ownership;
  const sent = (team: string, spans: number, size: number) => use(team, spans, spans * size);
  const shared = (spans: number, size: number, parts: Record<string, number>) => ({
    ...sent('', spans, size),
    byTeam: new Map(
      Object.entries(parts).map(([team, part]) => [team, { spans: spans * part, bytes: spans * size * part }]),
    ),
  });
  const at = (perByte: number, perSpan = 0) => ({ perByte, perSpan });
  const NONE = { volume: 0, size: 0, price: 0, ownership: 0 };

  test.each([
    ['more spans', sent('a', 300, 10), sent('a', 100, 10), at(2), at(2), { ...NONE, volume: 4000 }],
    ['larger spans', sent('a', 100, 30), sent('a', 100, 10), at(2), at(2), { ...NONE, size: 4000 }],
    ['a price', sent('a', 100, 10), sent('a', 100, 10), at(3), at(2), { ...NONE, price: 1000 }],
    ['a price of spans', sent('a', 100, 10), sent('a', 100, 10), at(0, 5), at(0, 3), { ...NONE, price: 200 }],
    [
      'more spans, paid by the span',
      sent('a', 300, 1),
      sent('a', 100, 9),
      at(0, 2),
      at(0, 2),
      { ...NONE, volume: 400 },
    ],
    ['an owner', sent('a', 100, 10), sent('b', 100, 10), at(2), at(2), { ...NONE, ownership: 2000 }],
    ['a new service', sent('a', 100, 10), null, at(2), at(2), { ...NONE, volume: 2000 }],
    ['silence', null, sent('a', 100, 10), at(2), at(2), { ...NONE, volume: -2000 }],
    ['the loss of one', sent('b', 100, 10), sent('a', 100, 10), at(2), at(2), { ...NONE, ownership: -2000 }],
    [
      'a share',
      shared(100, 10, { a: 0.25, b: 0.75 }),
      shared(100, 10, { a: 1 }),
      at(2),
      at(2),
      { ...NONE, ownership: -1500 },
    ],
  ])('%s', (_, now, before, price, priceBefore, expected) => {
    expect(explainChange([{ service: 's', now, before }], 'a', price, priceBefore)).toEqual(expected);
  });

  test('the parts add up to the change, for each team and for all', () => {
    const services = [
      { service: 'x', now: sent('a', 317, 11), before: sent('b', 120, 17) },
      { service: 'y', now: shared(41, 1000, { a: 0.2, b: 0.8 }), before: shared(77, 900, { a: 0.5, b: 0.5 }) },
      { service: 'z', now: null, before: sent('a', 5, 50) },
    ];
    const [now, before] = [at(3, 0.5), at(2, 0.7)];
    const cost = (of: 'now' | 'before', team: string | null) =>
      services.reduce((sum, s) => sum + costAt(useOf(s[of], team), of === 'now' ? now : before), 0);
    for (const team of ['a', 'b', null]) {
      expect(total(explainChange(services, team, now, before))).toBeCloseTo(
        cost('now', team) - cost('before', team),
        6,
      );
    }
  });
});

test('what to prune: twins, constants, and what differs in every span beyond the error of its count', () => {
  const row = {
    service: 's',
    location: 'span',
    key: 'k',
    observations: 10_000,
    bytes: 1000,
    distinct: 50,
    standardError: 0,
    isTwin: false,
  };
  const reasons = [
    row,
    { ...row, isTwin: true },
    { ...row, distinct: 1 },
    { ...row, distinct: 1, observations: 10 },
    { ...row, distinct: 9_900, standardError: 0.016 },
    { ...row, distinct: 9_200, standardError: 0.016 },
  ].map((one) => pruneList([one], 1, 1).map(({ reason }) => reason.split(' ')[0]));
  expect(reasons).toEqual([[], ['the'], ['always'], [], ['another'], []]);
});

test('numbers read the same everywhere', () => {
  expect([0, 999, 1000, 1234567].map(count)).toEqual(['0', '999', '1,000', '1,234,567']);
  expect([0, 999, 1000, 1_234_567, 5e15].map(bytes)).toEqual(['0 B', '999 B', '1.00 kB', '1.23 MB', '5.00 PB']);
  expect([0, 1234.5, 0.45, 0.0000123].map((n) => money(n, 'USD'))).toEqual([
    '0.00 USD',
    '1,234.50 USD',
    '0.45 USD',
    '0.000012 USD',
  ]);
  expect(percent(0.1234)).toBe('12.3 %');
  expect([change(112, 100), change(88, 100), change(5, 0), change(0, 0)]).toEqual([
    '+12.0 %',
    '−12.0 %',
    'new',
    '±0 %',
  ]);
});
