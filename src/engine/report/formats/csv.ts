import { csvLine } from '../../encoding.js';
import type { Interval } from '../../model/interval.js';
import type { Audience, Report } from '../../model/report.js';
import { completed } from '../stored.js';

type Cell = string | number | null;
type Row = Readonly<Record<string, Cell>>;

function bounds(interval: Interval | null, of = 'cost'): Row {
  return { [`${of}_low`]: interval?.low ?? null, [`${of}_high`]: interval?.high ?? null };
}

/** The tables that a report has as CSV, by name: columns in order, and how to get the rows. */
const TABLES = {
  findings: (report: Report): Row[] =>
    report.findings.top.map((f) => ({
      ...{ severity: f.severity, kind: f.kind, finding: f.title, service: f.service, team: f.team, place: f.place },
      ...{ mask: f.mask, occurrences: f.occurrences, first_seen: f.firstSeen, last_seen: f.lastSeen },
      ...{ change: f.change, link: f.link },
    })),
  services: (report: Report): Row[] =>
    report.services.map((s) => ({
      ...{ service: s.service, team: s.team, spans: s.spans, error_spans: s.errorSpans, bytes: s.bytes },
      ...{ cost: s.cost, ...bounds(s.costInterval), cost_before: s.costBefore, currency: report.cost.currency },
    })),
  teams: (report: Report): Row[] =>
    report.teams.map((t) => ({
      ...{ team: t.team, spans: t.spans, bytes: t.bytes, cost: t.cost, ...bounds(t.costInterval) },
      cost_before: t.costBefore,
      ...{ by_volume: t.change.volume, by_size: t.change.size, by_price: t.change.price },
      ...{ by_ownership: t.change.ownership, currency: report.cost.currency, open_findings: t.openFindings },
    })),
  attributes: (report: Report): Row[] =>
    report.attributes.map((a) => ({
      ...{ service: a.service, location: a.location, attribute: a.key, bytes: a.bytes, share: a.share },
      ...{ distinct: a.distinct, distinct_relative_error: a.standardError, cost: a.cost },
      ...{ currency: report.cost.currency, is_new: a.isNew ? 1 : 0 },
    })),
  duplicates: (report: Report): Row[] =>
    report.duplicates.rows.map((d) => ({
      ...{ service: d.service, location: d.location, attribute: d.key, sent_as_well: d.successor, bytes: d.bytes },
      ...{ cost: d.cost.amount, ...bounds(d.cost.interval), saving: d.saving.amount },
      ...bounds(d.saving.interval, 'saving'),
      currency: report.cost.currency,
    })),
  savings: (report: Report): Row[] =>
    report.savings.rows.map((s) => ({
      ...{ policy: s.policy, version: s.version, title: s.title, services: s.services.join(' '), since: s.since },
      ...{ verdict: s.verdict, reason: s.reason, promised_by: s.promised.method, promised_share: s.promised.share },
      ...{ promised: s.promised.money, measured_share: s.measured?.share ?? null },
      ...{ measured: s.measured?.money ?? null, ...bounds(s.measured?.moneyInterval ?? null, 'measured') },
      currency: report.cost.currency,
    })),
  prune: (report: Report): Row[] =>
    report.prune.map((a) => ({
      ...{ service: a.service, location: a.location, attribute: a.key, reason: a.reason, bytes: a.bytes },
      ...{ cost: a.cost, saving: a.saving, currency: report.cost.currency },
    })),
  sampling: (report: Report): Row[] =>
    report.sampling.map((s) => ({
      ...{ service: s.service, team: s.team, spans: s.spans, error_share: s.errorShare },
      ...{ bytes_per_span: s.bytesPerSpan, cost: s.cost, saving: s.saving, currency: report.cost.currency },
    })),
} as const satisfies Record<string, (report: Report) => Row[]>;

export type ReportTable = keyof typeof TABLES;
export const REPORT_TABLES = Object.keys(TABLES) as ReportTable[];

const MAIN: Readonly<Record<Audience, ReportTable>> = {
  security: 'findings',
  'team-lead': 'services',
  executive: 'teams',
};

/** The table that its readers ask for first, or another; `content_hash` says in each row which report it is of. */
export function renderCsv(report: Report, contentHash: string, table: ReportTable = MAIN[report.audience]): string {
  const rows = TABLES[table](completed(report));
  const columns = Object.keys(rows[0] ?? {});
  const lines = rows.map((row) => csvLine([...columns.map((column) => row[column]!), contentHash]));
  return csvLine([...columns, 'content_hash']) + lines.join('');
}
