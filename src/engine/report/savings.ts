import type { ReportSavings } from '../model/report.js';
import type { PolicySaving } from '../model/saving.js';
import type { Table } from './blocks.js';
import { amount, between, money, percent } from './numbers.js';

const TOP_SAVINGS = 20;

export function reportSavings(rows: readonly PolicySaving[]): ReportSavings {
  const judged = rows.filter(({ verdict }) => verdict === 'kept' || verdict === 'missed');
  const sum = (of: (row: PolicySaving) => number): number => judged.reduce((total, row) => total + of(row), 0);
  const value = sum(({ measured }) => measured?.money ?? 0);
  // Policies are independent of each other for it.
  const half = Math.sqrt(sum(({ measured }) => ((measured?.moneyInterval.high ?? 0) - (measured?.money ?? 0)) ** 2));
  return {
    rows: rows.slice(0, TOP_SAVINGS),
    total: rows.length,
    promised: sum(({ promised }) => promised.money ?? 0),
    measured: { amount: value, interval: { low: value - half, high: value + half } },
    unknown: rows.filter(({ verdict }) => verdict === 'insufficient_evidence').length,
  };
}

/** What was saved, in a line. */
export function savingsText({ total, promised, measured, unknown }: ReportSavings, currency: string): string {
  if (total === 0) return 'no policy is in force';
  const rest = unknown === 0 ? '' : `; ${unknown} of ${total} policies without enough evidence`;
  if (unknown === total) return `of ${total} ${total === 1 ? 'policy' : 'policies'} there is not enough evidence yet`;
  return `${amount(measured, currency)} measured after ${money(promised, currency)} were promised${rest}`;
}

/** Whether a promise was kept, in words. */
export function verdictText({ promised, measured, verdict, reason }: PolicySaving): string {
  if (measured === null) return `not enough evidence: ${reason}`;
  const got = `${percent(measured.share)} (${percent(measured.shareInterval.low)} to ${percent(measured.shareInterval.high)})`;
  if (verdict === 'no_promise' || promised.share === null) return `nothing promised, got ${got}`;
  return `promised ${percent(promised.share)}, got ${got}`;
}

export function savingsTable({ rows, total }: ReportSavings, currency: string): Table {
  const more = total > rows.length ? `, the largest ${rows.length} of ${total}` : '';
  return {
    kind: 'table',
    title: `Savings: promised and measured${more}`,
    columns: [
      { name: 'Policy', isNumber: false },
      { name: 'Since', isNumber: false },
      { name: 'Of what its services send', isNumber: false },
      { name: 'Saves', isNumber: true },
      { name: '95 % between', isNumber: true },
    ],
    rows: rows.map((row) => [
      row.title,
      row.since.slice(0, 10),
      verdictText(row),
      row.measured === null ? '' : money(row.measured.money, currency),
      row.measured === null ? '' : between(row.measured.moneyInterval, currency),
    ]),
    links: [],
    empty: 'No policy is in force.',
  };
}
