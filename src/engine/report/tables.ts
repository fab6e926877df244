import { SEVERITIES } from '../model/finding.js';
import type { Report } from '../model/report.js';
import { bytes, change, count, money, percent } from './numbers.js';

/** A table of texts; columns of numbers stand at the right. */
export interface Table {
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** What stands in place of the table when it has no rows. */
  readonly empty: string;
}

/** The facts at the top of a report, as pairs of name and value. */
export function summary(report: Report): (readonly [string, string])[] {
  const { usage, cost, findings, policies } = report;
  return [
    ['Spans', `${count(usage.spans)} (${change(usage.spans, usage.spansBefore)})`],
    ['Bytes', bytes(usage.bytes)],
    ['Services', count(usage.services)],
    ['Cost', `${money(cost.amount, cost.currency)} (${change(cost.amount, cost.amountBefore)}), by ${cost.priceModel}`],
    ['Open findings', SEVERITIES.map((s) => `${findings.open[s]} ${s}`).join(', ')],
    ['New findings', count(findings.fresh)],
    ['Policies', `${policies.suggested} suggested, ${policies.approved} approved`],
  ];
}

/** The tables of a report, which every format of it shows. */
export function tables(report: Report): Table[] {
  const { currency } = report.cost;
  return [
    table(
      'Findings that need somebody',
      ['Severity', 'What', 'Service', 'Team', 'Where', 'Mask', '#Seen', ''],
      report.findings.top.map((f) => [
        f.severity,
        f.title,
        f.service,
        f.team,
        f.place,
        f.mask,
        count(f.occurrences),
        f.isNew ? 'new' : '',
      ]),
      'No open findings in this period.',
    ),
    table(
      'Cost by team',
      ['Team', '#Spans', '#Bytes', '#Cost', '#Change', '#Open findings'],
      report.teams.map((t) => [
        t.team,
        count(t.spans),
        bytes(t.bytes),
        money(t.cost, currency),
        change(t.cost, t.costBefore),
        count(t.openFindings),
      ]),
      'No spans in this period.',
    ),
    table(
      'Attributes with the most bytes',
      ['Service', 'Where', 'Attribute', '#Bytes', '#Share', '#Distinct values', '#Cost'],
      report.attributes.map((a) => [
        a.service,
        a.location,
        a.key,
        bytes(a.bytes),
        percent(a.share),
        count(a.distinct),
        money(a.cost, currency),
      ]),
      'No attributes in this period.',
    ),
  ];
}

/** @param names of the columns; `#` in front makes one of numbers */
function table(title: string, names: readonly string[], rows: readonly (readonly string[])[], empty: string): Table {
  const columns = names.map((name) => ({ name: name.replace(/^#/, ''), isNumber: name.startsWith('#') }));
  return { title, columns, rows, empty };
}
