import type { ReportFinding, ReportUsage } from '../../src/engine/model/report.js';
import type { PeriodInput, ReportInput, ServiceInput } from '../../src/engine/report/build.js';
import type { ServiceUse } from '../../src/engine/report/explain.js';

const PRICES = { perByte: 5e-10, perSpan: 0 };
const NO_AMOUNT = { amount: 0, interval: { low: 0, high: 0 } };

function figures(spans: number, bytes: number): ReportUsage {
  const cost = bytes * PRICES.perByte;
  return { spans, bytes, cost, costInterval: { low: 0.9 * cost, high: 1.1 * cost } };
}

/** One of ten spans was received; the whole service is a team's. */
export function use(team: string, spans: number, bytes: number): ServiceUse {
  const received = { receivedSpans: spans / 10, receivedBytes: bytes / 10 };
  return { spans, bytes, ...received, byTeam: new Map([[team, { spans, bytes }]]) };
}

/** A period of services, for one team or for all. */
function periodOf(services: readonly ServiceInput[], of: 'now' | 'before', team: string | null): PeriodInput {
  const sums = new Map<string, { spans: number; bytes: number }>();
  for (const [name, { spans, bytes }] of services.flatMap((service) => [...(service[of]?.byTeam ?? [])])) {
    if (team !== null && name !== team) continue;
    const sum = sums.get(name) ?? { spans: 0, bytes: 0 };
    sums.set(name, { spans: sum.spans + spans, bytes: sum.bytes + bytes });
  }
  const sum = (field: 'spans' | 'bytes'): number => [...sums.values()].reduce((total, row) => total + row[field], 0);
  const total = figures(sum('spans'), sum('bytes'));
  const teams = [...sums].map(([name, { spans, bytes }]) => ({ team: name, ...figures(spans, bytes) }));
  return { prices: PRICES, total, receivedSpans: total.spans / 10, teams, fixed: 0 };
}

/** An input with the costs of its services, as the report of a team or of all has them. */
export function costed(input: ReportInput): ReportInput {
  const { services, team } = input;
  const basis = '100 % of spans scaled by the sampling threshold in their tracestate';
  const costs = { now: periodOf(services, 'now', team), before: periodOf(services, 'before', team), basis };
  return { ...input, costs };
}

const NOTHING = periodOf([], 'now', null);

/** A week in which nothing was received. */
export const EMPTY: ReportInput = {
  edition: 'weekly',
  audience: 'security',
  team: null,
  timeZone: 'UTC',
  period: { start: '2026-11-16T00:00:00.000Z', end: '2026-11-23T00:00:00.000Z' },
  before: { start: '2026-11-09T00:00:00.000Z', end: '2026-11-16T00:00:00.000Z' },
  days: { first: '2026-11-16', last: '2026-11-22' },
  dataFrom: '2026-10-01T00:00:00.000Z',
  dataTo: '2026-11-08T13:00:00.000Z',
  services: [],
  unowned: 'unowned',
  costs: { now: NOTHING, before: NOTHING, basis: 'no spans were received' },
  price: {
    currency: 'EUR',
    marginal: PRICES,
    name: 'Test backend (2026-11-01)',
    isConfirmed: false,
  },
  findings: { counts: [], openByTeam: new Map(), list: [], total: 0 },
  actions: [],
  saving: NO_AMOUNT,
  savings: [],
  ruleChange: { rules: [], total: 0, fresh: 0 },
  duplicates: { cost: NO_AMOUNT, saving: NO_AMOUNT, rows: [] },
  waivers: [],
  naming: [],
  attributes: [],
  newAttributes: 0,
  prune: [],
  policies: { suggested: 0, approved: 0 },
  buckets: [],
  basis: {
    generator: 'spanwarden 0.0.0',
    rules: '31 detectors (0123abcd), conventions of opentelemetry 1.45.0',
    link: 'https://spanwarden.test/api/v1/reports/1.html',
  },
  limits: [],
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
  lastSeen: '2026-11-20T10:00:00.000Z',
  change: '',
  link: `https://spanwarden.test/ui/findings/${id}`,
  ...over,
});

const FIX = `processors:
  transform/spanwarden:
    trace_statements:
      - context: span
        statements:
          - delete_key(attributes, "http.request.body")
`;

/** A week with something of everything, hostile names among it. */
export const WEEK: ReportInput = costed({
  ...EMPTY,
  dataTo: '2026-11-22T23:00:00.000Z',
  services: [
    {
      service: 'checkout',
      team: 'payments',
      now: use('payments', 900_000, 450_000_000),
      before: use('payments', 1_000_000, 800_000_000),
      errorSpans: 900,
      costInterval: { low: 0.2, high: 0.25 },
    },
    {
      service: 'ledger',
      team: 'payments',
      now: use('payments', 100_000, 50_000_000),
      before: use('platform', 100_000, 40_000_000),
      errorSpans: 0,
      costInterval: { low: 0.0225, high: 0.0275 },
    },
    {
      service: '<img src=x onerror=alert(1)>',
      team: 'unowned',
      now: use('unowned', 234_567, 140_000_000),
      before: null,
      errorSpans: 1,
      costInterval: null,
    },
    {
      service: 'old-batch',
      team: '=cmd()',
      now: null,
      before: use('=cmd()', 1_000, 500_000),
      errorSpans: 0,
      costInterval: null,
    },
  ],
  findings: {
    counts: [
      { kind: 'pii', severity: 'medium', open: 2, fresh: 0, fixed: 1, reopened: 1 },
      { kind: 'pii', severity: 'critical', open: 1, fresh: 1, fixed: 0, reopened: 0 },
    ],
    openByTeam: new Map([
      ['payments', 2],
      ['unowned', 1],
    ]),
    list: [
      finding('1', { change: 'reopened' }),
      finding('2', { severity: 'critical', title: 'Payment card number', occurrences: 3, change: 'new' }),
      finding('3', {
        service: '<img src=x onerror=alert(1)>',
        team: 'unowned',
        place: 'span `*_|key|_*` <b> <!channel>',
        mask: '=|**|',
      }),
      finding('4', { severity: 'critical', change: 'fixed' }),
    ],
    total: 4,
  },
  actions: [
    {
      title: 'Delete http.request.body',
      reason: 'Found in it: payment-card.',
      risk: 'critical',
      occurrences: 3,
      saving: { amount: 0.16, interval: { low: 0.15, high: 0.17 } },
      services: ['checkout'],
      fix: FIX,
      link: 'https://spanwarden.test/ui/policies',
    },
    {
      title: 'Delete http.method of ledger',
      reason: 'The name that replaced it is sent as well, so the same is stored twice.',
      risk: null,
      occurrences: 100_000,
      saving: { amount: 0.001, interval: null },
      services: ['ledger'],
      fix: FIX,
      link: 'https://spanwarden.test/ui/attributes',
    },
  ],
  savings: [
    {
      policy: '0199b0c8-0000-7000-8000-000000000001',
      version: 2,
      title: 'Delete http.request.body',
      services: ['checkout'],
      since: '2026-11-10T09:30:00.000Z',
      promised: { method: 'simulation', share: 0.31, bytes: 200_000_000, money: 0.1 },
      measured: {
        from: '2026-11-16T00:00:00.000Z',
        to: '2026-11-23T00:00:00.000Z',
        share: 0.27,
        shareInterval: { low: 0.255, high: 0.285 },
        bytes: 166_000_000,
        bytesInterval: { low: 157_000_000, high: 175_000_000 },
        money: 0.083,
        moneyInterval: { low: 0.0785, high: 0.0875 },
      },
      verdict: 'missed',
      reason: '',
    },
    {
      policy: '0199b0c8-0000-7000-8000-000000000002',
      version: 1,
      title: '=Rename |user.id| <b>',
      services: ['ledger'],
      since: '2026-11-22T21:00:00.000Z',
      promised: { method: 'estimate', share: 0.02, bytes: null, money: null },
      measured: null,
      verdict: 'insufficient_evidence',
      reason: 'it is in force for less than 6 whole hours of the window',
    },
  ],
  ruleChange: { rules: ['payment-card'], total: 1, fresh: 1 },
  saving: { amount: 0.161, interval: { low: 0.151, high: 0.171 } },
  duplicates: {
    cost: { amount: 0.001, interval: null },
    saving: { amount: 0.001, interval: null },
    rows: [
      {
        service: 'ledger',
        location: 'span',
        key: 'http.method',
        successor: 'http.request.method',
        bytes: 2_000_000,
        cost: { amount: 0.001, interval: null },
        saving: { amount: 0.001, interval: null },
      },
    ],
  },
  waivers: [
    { what: 'email', where: 'payments checkout', reason: '=until the release', expires: '2026-12-01T00:00:00.000Z' },
  ],
  naming: [
    { rule: 'deprecated', name: 'Deprecated attribute', count: { now: 12, before: 20 } },
    { rule: 'invalid_format', name: 'Attribute name of the wrong form', count: { now: 3, before: 3 } },
  ],
  attributes: [
    {
      service: 'checkout',
      location: 'span',
      key: 'http.request.body',
      bytes: 320_000_000,
      share: 0.5,
      distinct: 54_321,
      standardError: 0.01625,
      cost: 0.16,
      isNew: true,
    },
  ],
  newAttributes: 1,
  prune: [
    {
      service: 'ledger',
      location: 'span',
      key: 'http.method',
      reason: 'the name that replaced it is sent as well',
      bytes: 2_000_000,
      cost: 0.001,
      saving: 0.001,
    },
  ],
  policies: { suggested: 2, approved: 1 },
  buckets: [16, 17, 18, 19, 20, 21, 22].map((day, i) => ({
    day: `2026-11-${day}`,
    spans: 100_000 + 25_000 * i,
    bytes: 60_000_000 + 10_000_000 * i,
    cost: (60_000_000 + 10_000_000 * i) * PRICES.perByte,
    newFindings: i === 3 ? 1 : 0,
  })),
});

/** A week like the one before it. */
export const QUIET: ReportInput = costed({
  ...WEEK,
  services: WEEK.services.map((service) => ({ ...service, before: service.now })),
  findings: { ...WEEK.findings, counts: WEEK.findings.counts.map((c) => ({ ...c, fresh: 0, fixed: 0, reopened: 0 })) },
  waivers: [],
  newAttributes: 0,
  ruleChange: { rules: [], total: 0, fresh: 0 },
});
