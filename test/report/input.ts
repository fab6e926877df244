import type { ReportFinding } from '../../src/engine/model/report.js';
import type { ReportInput } from '../../src/engine/report/build.js';

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
  price: {
    currency: 'EUR',
    perByte: 5e-10,
    perByteBefore: 5e-10,
    marginalPerByte: 5e-10,
    name: 'Test backend (2026-11-01)',
    isConfirmed: false,
  },
  findings: { counts: [], openByTeam: new Map(), list: [], total: 0 },
  actions: [],
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
export const WEEK: ReportInput = {
  ...EMPTY,
  dataTo: '2026-11-22T23:00:00.000Z',
  services: [
    {
      service: 'checkout',
      team: 'payments',
      now: { team: 'payments', spans: 900_000, bytes: 450_000_000 },
      before: { team: 'payments', spans: 1_000_000, bytes: 800_000_000 },
      errorSpans: 9_000,
    },
    {
      service: 'ledger',
      team: 'payments',
      now: { team: 'payments', spans: 100_000, bytes: 50_000_000 },
      before: { team: 'platform', spans: 100_000, bytes: 40_000_000 },
      errorSpans: 0,
    },
    {
      service: '<img src=x onerror=alert(1)>',
      team: 'unowned',
      now: { team: 'unowned', spans: 234_567, bytes: 140_000_000 },
      before: null,
      errorSpans: 1,
    },
    { service: 'old-batch', team: '=cmd()', now: null, before: null, errorSpans: 0 },
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
      saving: 0.16,
      services: ['checkout'],
      fix: FIX,
      link: 'https://spanwarden.test/ui/policies',
    },
    {
      title: 'Delete http.method of ledger',
      reason: 'The name that replaced it is sent as well, so the same is stored twice.',
      risk: null,
      occurrences: 100_000,
      saving: 0.001,
      services: ['ledger'],
      fix: FIX,
      link: 'https://spanwarden.test/ui/attributes',
    },
  ],
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
    newFindings: i === 3 ? 1 : 0,
  })),
};

/** A week like the one before it. */
export const QUIET: ReportInput = {
  ...WEEK,
  services: WEEK.services.map((service) => ({ ...service, before: service.now })),
  findings: { ...WEEK.findings, counts: WEEK.findings.counts.map((c) => ({ ...c, fresh: 0, fixed: 0, reopened: 0 })) },
  waivers: [],
  newAttributes: 0,
};
