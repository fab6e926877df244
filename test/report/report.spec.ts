import { describe, expect, test } from '@jest/globals';
import type { PriceModel } from '../../src/engine/model/price-model.js';
import type { ReportFinding } from '../../src/engine/model/report.js';
import { buildReport, type ReportInput } from '../../src/engine/report/build.js';
import { REPORT_FORMATS, type ReportFormatName } from '../../src/engine/report/formats/index.js';
import { bytes, change, count, money, percent } from '../../src/engine/report/numbers.js';
import { expectGolden } from '../support/golden.js';

const MODEL: PriceModel = {
  id: 'test',
  name: 'Test backend',
  vendor: 'Nobody',
  currency: 'EUR',
  asOf: '2026-11-01',
  confirmed: false,
  source: 'https://prices.test/',
  notes: '',
  meters: [],
  examples: [],
};

const EMPTY: ReportInput = {
  edition: 'weekly',
  period: { start: '2026-11-16T00:00:00.000Z', end: '2026-11-23T00:00:00.000Z' },
  before: { start: '2026-11-09T00:00:00.000Z', end: '2026-11-16T00:00:00.000Z' },
  spans: 0,
  spansBefore: 0,
  bytes: 0,
  services: 0,
  cost: 0,
  costBefore: 0,
  model: MODEL,
  teams: [],
  teamCostBefore: new Map(),
  findings: [],
  attributes: [],
  policies: { suggested: 0, approved: 0 },
  detectors: 31,
};

const finding = (id: string, over: Partial<ReportFinding>): ReportFinding => ({
  id,
  kind: 'pii',
  title: 'Email address',
  severity: 'medium',
  service: 'checkout',
  team: 'payments',
  place: 'span url.query',
  mask: '*****@****.****',
  occurrences: 10,
  firstSeen: '2026-11-01T00:00:00.000Z',
  isNew: false,
  ...over,
});

const WEEK: ReportInput = {
  ...EMPTY,
  spans: 1_234_567,
  spansBefore: 1_000_000,
  bytes: 640_000_000,
  services: 3,
  cost: 0.32,
  costBefore: 0.4,
  teams: [
    { team: 'payments', spans: 1_000_000, bytes: 500_000_000, cost: 0.25 },
    { team: 'unowned', spans: 234_567, bytes: 140_000_000, cost: 0.07 },
  ],
  teamCostBefore: new Map([['payments', 0.4]]),
  findings: [
    finding('1', {}),
    finding('2', { severity: 'critical', title: 'Payment card number', occurrences: 3, isNew: true }),
    finding('3', {
      service: '<img src=x onerror=alert(1)>',
      place: 'span `*_|key|_*` <b>',
      mask: '|**|',
      team: '=cmd()',
    }),
  ],
  attributes: [
    {
      service: 'checkout',
      location: 'span',
      key: 'http.request.body',
      bytes: 320_000_000,
      share: 0.5,
      distinct: 54_321,
      cost: 0.16,
    },
  ],
  policies: { suggested: 2, approved: 1 },
};

describe.each(Object.keys(REPORT_FORMATS) as ReportFormatName[])('report as %s', (name) => {
  test.each([
    ['week', WEEK],
    ['empty', EMPTY],
  ])('%s is its golden file', (report, input) => {
    expectGolden(`report/${report}/report.golden.${name}`, REPORT_FORMATS[name].render(buildReport(input)));
  });
});

test('the order of the findings given does not change the report', () => {
  const turned = { ...WEEK, findings: [...WEEK.findings].reverse() };
  expect(buildReport(turned)).toEqual(buildReport(WEEK));
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
