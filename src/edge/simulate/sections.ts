import type { Interval } from '../../engine/cost/estimate.js';
import type { SimulatedTraces, TraceClassCounts } from '../../engine/model/simulation.js';
import { bytes, count, money, percent } from '../../engine/report/numbers.js';
import { placeOf, plural } from '../scan/describe.js';
import { addEffects, changeName, NO_EFFECTS } from './formats/json.js';
import type { SimulationReport } from './report.js';

/** A table with what it is about. */
export interface Section {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Rows of one table for people; `json` has all. */
const MAX_ROWS = 50;

/** The report as tables for people; those without rows are left out. */
export function sectionsOf(report: SimulationReport): Section[] {
  const { policies, counts, conflicts } = report;
  const sections: Section[] = [
    {
      title: 'Policies',
      columns: ['Policy', 'Action', 'Masked', 'Removed', 'Renamed', 'Generalised', 'Dropped', 'Bytes less'],
      rows: policies.map(({ id, title, action, unsupported }) => {
        const sum = counts.effects.filter(({ policy }) => policy === id).reduce(addEffects, NO_EFFECTS);
        if (unsupported !== null) return [title, unsupported, '', '', '', '', '', ''];
        const { masked, removed, renamed, generalised, dropped } = sum;
        return [title, action, ...[masked, removed, renamed, generalised, dropped].map(count), signed(sum.bytes)];
      }),
    },
    {
      title: 'Services',
      columns: ['Service', 'Spans', 'Dropped', 'Bytes', 'Bytes less', 'Share'],
      rows: counts.services.map(({ service, before, after }) => {
        const less = before.bytes - after.bytes;
        const share = percent(before.bytes === 0 ? 0 : less / before.bytes);
        const spans = [count(before.spans), count(before.spans - after.spans)];
        return [service, ...spans, count(before.bytes), signed(less), share];
      }),
    },
    {
      title: 'Traces',
      columns: ['Kind', 'Traces', 'Dropped', 'Spans', 'Spans dropped'],
      rows: counts.traces.whole === 0 ? [] : counts.traces.classes.map(traceCells),
    },
    {
      title: 'Attributes',
      columns: ['Service', 'Where', 'Seen', 'Seen after', 'Bytes', 'Bytes less'],
      rows: counts.attributes.map(({ service, location, key, before, after }) => [
        ...[service, `${location} ${key}`, count(before.observations), count(after.observations)],
        ...[count(before.bytes), signed(before.bytes - after.bytes)],
      ]),
    },
    {
      title: 'Findings',
      columns: ['Severity', 'What', 'Service', 'Where', 'Seen', 'Seen after', ''],
      rows: counts.findings.map((row) => [
        ...[row.severity, row.detector, row.service, placeOf(row)],
        ...[count(row.before), count(row.after), changeName(row)],
      ]),
    },
    {
      title: 'Conflicts',
      columns: ['Kind', 'Policies', 'What', 'What to do'],
      rows: conflicts.map(({ kind, policies: ids, what, remedy }) => [kind, ids.join(', '), what, remedy]),
    },
  ];
  return sections.filter(({ rows }) => rows.length > 0).map(cut);
}

function traceCells(row: TraceClassCounts): string[] {
  const traces = [count(row.keptTraces + row.droppedTraces), count(row.droppedTraces)];
  return [row.class, ...traces, count(row.keptSpans + row.droppedSpans), count(row.droppedSpans)];
}

function cut({ title, columns, rows }: Section): Section {
  if (rows.length <= MAX_ROWS) return { title, columns, rows };
  return { title: `${title}, the first ${MAX_ROWS} of ${rows.length}`, columns, rows: rows.slice(0, MAX_ROWS) };
}

/** What was looked at and what came of it, in lines. */
export function summaryOf({ files, counts, saving, price }: SimulationReport): string[] {
  const { before, after, spansTouched, findings, otherFindings } = counts;
  const sum = counts.effects.reduce(addEffects, NO_EFFECTS);
  const less = before.bytes - after.bytes;
  const share = before.bytes === 0 ? '' : ` (${percent(less / before.bytes)})`;
  const remaining = findings.filter((row) => row.after > 0).length;
  const others = otherFindings.before + otherFindings.after > 0 ? ', and more beyond the limit of the list' : '';
  const found = findings.filter((row) => row.before > 0).length;
  return [
    `${plural(before.spans, 'span')} in ${plural(files.length, 'file')}, ${count(spansTouched)} touched, ` +
      `${count(before.spans - after.spans)} dropped`,
    `${plural(sum.masked, 'value')} masked, ${plural(sum.removed, 'key')} removed, ${count(sum.renamed)} renamed, ` +
      `${plural(sum.generalised, 'span name')} generalised`,
    `${signed(less)} bytes less of ${count(before.bytes)}${share}`,
    `${plural(found, 'finding')} before, ${count(remaining)} that would remain${others}`,
    ...traceLines(counts.traces),
    ...savingLines(saving, price),
  ];
}

/** Of traces that are not whole nobody knows what a collector would do. */
function traceLines({ whole, broken, open }: SimulatedTraces): string[] {
  const others = broken + open;
  if (whole + others === 0) return [];
  return others === 0
    ? [`${plural(whole, 'trace')} sampled`]
    : [
        `${plural(whole, 'whole trace')} sampled; ${count(others)} are left out, since their root or a parent is missing`,
      ];
}

function savingLines(saving: SimulationReport['saving'], price: SimulationReport['price']): string[] {
  if (saving === null)
    return ['insufficient evidence of what is saved: a policy changes how spans say what they stand for'];
  const { bytes: amount, bytesInterval, money: sum, moneyInterval } = saving;
  const sized = (value: number): string => (value < 0 ? `−${bytes(-value)}` : bytes(value));
  const lines = [
    `for all spans that these stand for: ${sized(Math.round(amount))} less${rangeOf(bytesInterval, (v) => sized(Math.round(v)))}`,
  ];
  if (price === null || sum === null) return lines;
  const paid = (value: number): string =>
    value < 0 ? `−${money(-value, price.currency)}` : money(value, price.currency);
  const note = price.confirmed ? '' : ', prices not confirmed';
  return [...lines, `${paid(sum)} saved${rangeOf(moneyInterval, paid)} at ${price.name}, as of ${price.asOf}${note}`];
}

function rangeOf(interval: Interval | null, show: (value: number) => string): string {
  if (interval === null) return ', error not known since nothing says how the spans were sampled';
  if (interval.low === interval.high) return '';
  return ` (95 %: ${show(interval.low)} to ${show(interval.high)})`;
}

function signed(value: number): string {
  return value < 0 ? `−${count(-value)}` : count(value);
}
