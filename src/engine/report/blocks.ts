import { SEVERITIES } from '../model/finding.js';
import type { CostChange, Report } from '../model/report.js';
import { amount, between, bytes, change, count, money, percent } from './numbers.js';
import { ruleLines } from './rule-change.js';
import { savingsTable, savingsText } from './savings.js';
import { completed } from './stored.js';

/** A table of texts; columns of numbers stand at the right. */
export interface Table {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[];
  readonly rows: readonly (readonly string[])[];
  /** Address of what a row is about, by row; '' for none. */
  readonly links: readonly string[];
  /** What stands in place of the table when it has no rows. */
  readonly empty: string;
}

/** A row of bars, one per bucket, each with its label and its value as text. */
export interface Chart {
  readonly kind: 'chart';
  readonly title: string;
  readonly bars: readonly { readonly label: string; readonly value: number; readonly text: string }[];
}

/** Texts to paste, each with what it does. */
export interface Fixes {
  readonly kind: 'fixes';
  readonly title: string;
  readonly fixes: readonly {
    readonly title: string;
    readonly about: string;
    readonly code: string;
    readonly link: string;
  }[];
  readonly empty: string;
}

export interface Facts {
  readonly kind: 'facts';
  readonly facts: readonly (readonly [string, string])[];
}

export interface Lines {
  readonly kind: 'lines';
  readonly title: string;
  readonly lines: readonly string[];
}

/** A part of a report as every format shows it. */
export type Block = Facts | Table | Chart | Fixes | Lines;

/** What a reader gets to see of a report, in order; three lines where nothing changed. */
export function blocksOf(stored: Report, contentHash: string): Block[] {
  const report = completed(stored);
  if (report.isQuiet) return [{ kind: 'lines', title: '', lines: quietLines(report, contentHash) }];
  if (report.usage.spans.now === 0) {
    return [{ kind: 'lines', title: 'No data', lines: report.limits.slice(0, 1) }, ...footer(report, contentHash)];
  }
  const reviews = [
    ...(report.edition === 'monthly' ? [prune(report)] : []),
    ...(report.edition === 'quarterly' ? [sampling(report), storage(report)] : []),
  ];
  const parts = {
    security: () => [
      findingChart(report),
      classes(report),
      ...findingReasons(report),
      findings(report),
      fixes(report),
      waivers(report),
    ],
    'team-lead': () => [
      fixes(report),
      savings(report),
      findings(report),
      ...findingReasons(report),
      costChart(report),
      reasons(report),
      services(report),
      duplicates(report),
      attributes(report),
      naming(report),
      waivers(report),
    ],
    executive: () => [
      findingChart(report),
      costChart(report),
      decisions(report),
      teams(report),
      savings(report),
      reasons(report),
      classes(report),
      ...findingReasons(report),
      duplicates(report),
    ],
  }[report.audience]();
  return [{ kind: 'facts', facts: facts(report) }, ...parts, ...reviews, ...footer(report, contentHash)];
}

/** What needs no page of its own: that all is as it was, and on which figures that rests. */
export function quietLines(report: Report, contentHash: string): string[] {
  const { usage, cost, basis } = report;
  return [
    'Nothing changed: no new, fixed or reopened findings, and spans and cost within 5 % of the period before.',
    `${openText(report)}; ${count(usage.spans.now)} spans, ${costText(cost.amount.now, cost.amount.before, report)}.`,
    `${periodText(report)}; ${basis.generator}, ${basis.rules}; ${basis.link}; content ${contentHash.slice(0, 16)}.`,
  ];
}

/** The facts at the top of a report, as pairs of name and value. */
export function facts(stored: Report): (readonly [string, string])[] {
  const report = completed(stored);
  const { usage, cost, findings: found, policies, naming: names } = report;
  const sum = (of: 'fresh' | 'fixed' | 'reopened'): string => count(found.counts.reduce((n, row) => n + row[of], 0));
  return [
    ['Findings', `${sum('fresh')} new, ${sum('reopened')} reopened, ${sum('fixed')} fixed`],
    ['Open', openText(report)],
    ['Cost', `${costText(cost.amount.now, cost.amount.before, report)}, by ${cost.priceModel}`],
    ['Cost lies between', `${between(cost.interval, cost.currency)}${cost.interval === null ? '' : ' (95 %)'}`],
    ['Stored twice', `${amount(report.duplicates.cost, cost.currency)} in ${attributesText(report.duplicates.total)}`],
    ['Policies saved', savingsText(report.savings, cost.currency)],
    ['Suggestions save', `${amount(report.saving, cost.currency)} a period, all of them together`],
    ['Spans', `${count(usage.spans.now)} (${change(usage.spans.now, usage.spans.before)})`],
    ['Bytes', `${bytes(usage.bytes.now)} (${change(usage.bytes.now, usage.bytes.before)})`],
    ['Services', `${count(usage.services.now)} of ${count(usage.servicesKnown)} known sent spans`],
    ['Without an owner', `${percent(usage.unownedShare)} of the bytes`],
    ['Naming violations', `${count(names.violations.now)} (${count(names.violations.before)} in the period before)`],
    ['New attributes', count(report.newAttributes)],
    ['Policies', `${policies.suggested} suggested, ${policies.approved} approved`],
  ];
}

function savings({ savings: all, cost }: Report): Table {
  return savingsTable(all, cost.currency);
}

function findingReasons({ ruleChange, findings: { counts } }: Report): Lines[] {
  return ruleLines(
    ruleChange,
    counts.reduce((sum, { fresh }) => sum + fresh, 0),
  );
}

function attributesText(n: number): string {
  return `${count(n)} ${n === 1 ? 'attribute' : 'attributes'}`;
}

function openText({ findings: { counts } }: Report): string {
  const open = SEVERITIES.map((severity) => {
    const n = counts.filter((row) => row.severity === severity).reduce((sum, row) => sum + row.open, 0);
    return `${count(n)} ${severity}`;
  });
  return `${open.join(', ')} open`;
}

function costText(now: number, before: number, { cost }: Report): string {
  return `${money(now, cost.currency)} (${change(now, before)})`;
}

function periodText({ period, timeZone }: Report): string {
  return `From ${period.start} to ${period.end} (${timeZone})`;
}

function classes({ findings: { counts } }: Report): Table {
  return table(
    'Findings by class',
    ['Severity', 'Class', '#Open', '#New', '#Reopened', '#Fixed'],
    counts.map((c) => [c.severity, c.kind, count(c.open), count(c.fresh), count(c.reopened), count(c.fixed)]),
    'No findings.',
  );
}

function findings({ findings: { top } }: Report): Table {
  return table(
    'Findings that need somebody',
    ['Severity', 'What', 'Service', 'Team', 'Where', 'Mask', '#Seen', 'First seen', 'Last seen', 'Change'],
    top.map((f) => [
      f.severity,
      f.title,
      f.service,
      f.team,
      f.place,
      f.mask,
      count(f.occurrences),
      f.firstSeen.slice(0, 10),
      f.lastSeen.slice(0, 10),
      f.change,
    ]),
    'No findings in this period.',
    top.map((f) => f.link),
  );
}

function fixes({ actions, cost, audience }: Report): Fixes {
  return {
    kind: 'fixes',
    title: audience === 'security' ? 'What to do' : 'Your next actions',
    fixes: actions.map((action) => {
      const saving = action.saving.amount > 0 ? [`saves ${amount(action.saving, cost.currency)} a period`] : [];
      const risk = action.risk === null ? [] : [action.risk, `seen ${count(action.occurrences)} times`];
      const about = [...risk, ...saving, `in ${action.services.join(', ')}`].join('; ');
      return { title: action.title, about: `${about}. ${action.reason}`, code: action.fix, link: action.link };
    }),
    empty: 'Nothing to do that a policy could answer.',
  };
}

/** Who decides reads what it is about, and not the text to paste. */
function decisions({ actions, cost: { currency } }: Report): Table {
  const top = actions.slice(0, TOP_DECISIONS);
  return table(
    'Decisions to take',
    ['Risk', 'What', 'Services', 'Why', '#Saves a period'],
    top.map(({ risk, title, services: whose, reason, saving }) => [
      risk ?? '',
      title,
      whose.length > MAX_WHOSE
        ? `${whose.slice(0, MAX_WHOSE).join(', ')} and ${whose.length - MAX_WHOSE} more`
        : whose.join(', '),
      reason,
      saving.amount > 0 ? money(saving.amount, currency) : '',
    ]),
    'None.',
    top.map(({ link }) => link),
  );
}

const TOP_DECISIONS = 3;
const MAX_WHOSE = 3;

function waivers({ waivers: ending }: Report): Table {
  return table(
    'Acceptances that end within 14 days',
    ['Ends', 'What', 'Where', 'Reason'],
    ending.map((w) => [w.expires.slice(0, 10), w.what, w.where, w.reason]),
    'None.',
  );
}

/** Why a cost changed, in words. */
export function changeText({ volume, size, price, ownership }: CostChange, currency: string): string {
  const signed = (value: number): string => `${value < 0 ? '−' : '+'}${money(Math.abs(value), currency)}`;
  const parts = [
    ['volume', volume],
    ['size', size],
    ['price', price],
    ['ownership', ownership],
  ] as const;
  const moved = parts.filter(([, value]) => Math.abs(value) >= 1e-9);
  return moved.length === 0 ? 'as before' : moved.map(([name, value]) => `${name} ${signed(value)}`).join(', ');
}

function reasons({ cost }: Report): Lines {
  const { amount, drivers, currency } = cost;
  const most = drivers.map(({ service, change: by }) => {
    return `${service} ${by < 0 ? '−' : '+'}${money(Math.abs(by), currency)}`;
  });
  const lines = [
    `${money(amount.now, currency)} after ${money(amount.before, currency)}: ${changeText(cost.change, currency)}.`,
    'Volume is more or fewer spans, size is bytes per span, price is the price per byte, ownership is services that came or went.',
  ];
  if (most.length > 0) lines.push(`Most by service: ${most.join(', ')}.`);
  return { kind: 'lines', title: 'Why the cost changed', lines };
}

function teams({ teams: rows, cost: { currency } }: Report): Table {
  return table(
    'Cost by team',
    ['Team', '#Spans', '#Bytes', '#Cost', '#95 % between', '#Change', 'Why', '#Open findings'],
    rows.map((t) => [
      t.team,
      count(t.spans),
      bytes(t.bytes),
      money(t.cost, currency),
      between(t.costInterval, currency),
      change(t.cost, t.costBefore),
      changeText(t.change, currency),
      count(t.openFindings),
    ]),
    'No spans in this period.',
  );
}

function services({ services: rows, cost: { currency } }: Report): Table {
  return table(
    'Cost by service',
    ['Service', 'Team', '#Spans', '#Bytes', '#Bytes a span', '#Cost', '#95 % between', '#Change'],
    rows.map((s) => [
      s.service,
      s.team,
      count(s.spans),
      bytes(s.bytes),
      bytes(Math.round(s.spans === 0 ? 0 : s.bytes / s.spans)),
      money(s.cost, currency),
      between(s.costInterval, currency),
      change(s.cost, s.costBefore),
    ]),
    'No spans in this period.',
  );
}

function duplicates({ duplicates: { rows, total }, cost: { currency } }: Report): Table {
  const more = total > rows.length ? `, the largest ${rows.length} of ${count(total)}` : '';
  return table(
    `Stored twice: attributes beside those that replaced them${more}`,
    ['Service', 'Where', 'Attribute', 'Sent as well', '#Bytes', '#Cost', '#Without it you save'],
    rows.map((d) => [
      d.service,
      d.location,
      d.key,
      d.successor,
      bytes(d.bytes),
      money(d.cost.amount, currency),
      amount(d.saving, currency),
    ]),
    'None.',
  );
}

function attributes({ attributes: rows, cost: { currency } }: Report): Table {
  return table(
    'Attributes with the most bytes',
    ['Service', 'Where', 'Attribute', '#Bytes', '#Share', '#Distinct values', '#Cost', ''],
    rows.map((a) => [
      a.service,
      a.location,
      a.key,
      bytes(a.bytes),
      percent(a.share),
      a.standardError === 0 ? count(a.distinct) : `${count(a.distinct)} ± ${percent(1.96 * a.standardError)}`,
      money(a.cost, currency),
      a.isNew ? 'new' : '',
    ]),
    'No attributes in this period.',
  );
}

function naming({ naming: { rules } }: Report): Table {
  return table(
    'Naming violations',
    ['Rule', '#Attributes', '#In the period before'],
    rules.map((r) => [r.name, count(r.count.now), count(r.count.before)]),
    'None.',
  );
}

function prune({ prune: rows, cost: { currency } }: Report): Table {
  return table(
    'Attributes to prune',
    ['Service', 'Where', 'Attribute', 'Why', '#Bytes', '#Cost', '#Saves'],
    rows.map((a) => [
      a.service,
      a.location,
      a.key,
      a.reason,
      bytes(a.bytes),
      money(a.cost, currency),
      money(a.saving, currency),
    ]),
    'No attribute stands out.',
  );
}

function sampling({ sampling: rows, cost: { currency } }: Report): Table {
  return table(
    'What sampling would save: all spans with errors kept, one in ten of the others',
    ['Service', 'Team', '#Spans', '#Errors', '#Bytes a span', '#Cost', '#Saves'],
    rows.map((s) => [
      s.service,
      s.team,
      count(s.spans),
      percent(s.errorShare),
      bytes(Math.round(s.bytesPerSpan)),
      money(s.cost, currency),
      money(s.saving, currency),
    ]),
    'No spans in this period.',
  );
}

function storage({ buckets, cost: { currency } }: Report): Table {
  return table(
    'Storage by week',
    ['Week from', '#Spans', '#Bytes', '#Cost'],
    buckets.map((b) => [b.day, count(b.spans), bytes(b.bytes), money(b.cost, currency)]),
    'No spans in this period.',
  );
}

function costChart({ buckets, cost: { currency } }: Report): Chart {
  const bars = buckets.map(({ day, cost }) => ({ label: day.slice(5), value: cost, text: money(cost, currency) }));
  return { kind: 'chart', title: 'Cost over time', bars };
}

function findingChart({ buckets }: Report): Chart {
  const bars = buckets.map(({ day, newFindings: n }) => ({ label: day.slice(5), value: n, text: count(n) }));
  return { kind: 'chart', title: 'New findings over time', bars };
}

function footer(report: Report, contentHash: string): Block[] {
  const { basis, usage } = report;
  const silent = usage.silentServices.length > 0 ? [`Known but silent: ${usage.silentServices.join(', ')}.`] : [];
  return [
    { kind: 'lines', title: 'What this report cannot see', lines: [...report.limits, ...silent] },
    {
      kind: 'facts',
      facts: [
        ['Data', `${periodText(report)}, compared with the period from ${report.before.start}`],
        ['Spans read', `${count(usage.receivedSpans)}; ${report.cost.basis}`],
        ['Made by', `${basis.generator}; ${basis.rules}`],
        ['Address', basis.link],
        ['Content', `SHA-256 ${contentHash}`],
      ],
    },
  ];
}

/** @param names of the columns; `#` in front makes one of numbers */
function table(
  title: string,
  names: readonly string[],
  rows: readonly (readonly string[])[],
  empty: string,
  links: readonly string[] = [],
): Table {
  const columns = names.map((name) => ({ name: name.replace(/^#/, ''), isNumber: name.startsWith('#') }));
  return { kind: 'table', title, columns, rows, links, empty };
}
