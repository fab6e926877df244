import { Stack, Text } from '@mantine/core';
import type { Policy, SimulationDetail } from '../../edge/serve/contract.js';
import { formatBytes, formatCost, formatCount, plural } from '../format.js';
import { type Column, DataTable } from './data-table.js';
import { type Figure, Figures } from './figures.js';
import { CodeName, Name } from './text.js';

interface Props {
  readonly simulation: SimulationDetail;
  readonly action: Policy['action']['kind'];
}

/** Findings of the table; the API has all. */
const FEW_FINDINGS = 10;

/** What a simulation has shown so far. */
export function SimulationResult({ simulation, action }: Props) {
  const { note, traces, findings } = simulation;
  if (note !== null) {
    return (
      <Text size="sm">
        <Name>{note}</Name>
      </Text>
    );
  }
  const remaining = findings.filter(({ after }) => after > 0).length;
  return (
    <Stack gap="sm">
      <Figures
        figures={action === 'sample' ? [savedOf(simulation)] : [...effectsOf(simulation), savedOf(simulation)]}
      />
      <DataTable
        caption="Spans before and after the policy"
        columns={CHANGE_COLUMNS}
        rows={changesOf(simulation)}
        keyOf={({ what }) => what}
      />
      {traces !== null && <Traces traces={traces} />}
      {findings.length > 0 && action !== 'sample' && (
        <>
          <Text size="sm">
            {plural(findings.length, 'finding')} before, {formatCount(remaining)} that would remain.
          </Text>
          <DataTable
            caption="Findings before and after the policy"
            columns={FINDING_COLUMNS}
            rows={findings.slice(0, FEW_FINDINGS)}
            keyOf={(row) => [row.service, row.kind, row.detector, row.location, row.key, row.component].join(' ')}
          />
        </>
      )}
    </Stack>
  );
}

interface Change {
  readonly what: string;
  readonly before: number;
  readonly after: number;
  readonly show: (n: number) => string;
}

function changesOf({ total, traces }: SimulationDetail): Change[] {
  return [
    { what: 'Spans', before: total.spans, after: total.spans - total.spans_dropped, show: formatCount },
    { what: 'Bytes', before: total.bytes_before, after: total.bytes_after, show: formatBytes },
    ...(traces === null
      ? [{ what: 'Matches', before: total.findings_before, after: total.findings_after, show: formatCount }]
      : []),
  ];
}

const CHANGE_COLUMNS: readonly Column<Change>[] = [
  { header: 'What', rowHeader: true, cell: ({ what }) => what },
  { header: 'Before', numeric: true, cell: ({ before, show }) => show(before) },
  { header: 'After', numeric: true, cell: ({ after, show }) => show(after) },
  { header: 'Less', numeric: true, cell: ({ before, after, show }) => signed(before - after, show) },
];

type Finding = SimulationDetail['findings'][number];

const FINDING_COLUMNS: readonly Column<Finding>[] = [
  { header: 'What', rowHeader: true, cell: ({ detector }) => <Name>{detector}</Name> },
  { header: 'Where', cell: ({ key }) => <CodeName>{key}</CodeName> },
  { header: 'Service', cell: ({ service }) => <Name>{service}</Name> },
  { header: 'Before', numeric: true, cell: ({ before }) => formatCount(before) },
  { header: 'After', numeric: true, cell: ({ after }) => formatCount(after) },
  { header: 'Finding', cell: ({ change }) => change },
];

type SimulatedTraces = NonNullable<SimulationDetail['traces']>;

function Traces({ traces }: { traces: SimulatedTraces }) {
  const { verdict, reason, classes, whole, broken, open } = traces;
  return (
    <>
      <Text size="sm">
        {plural(whole, 'whole trace')}; {formatCount(broken + open)} of which a part is missing are left out.
        {verdict === 'insufficient_evidence' && ` Insufficient evidence: ${reason}.`}
      </Text>
      <DataTable
        caption="Traces kept and dropped, by kind"
        columns={traceColumns(traces)}
        rows={classes}
        keyOf={(r) => r.class}
      />
    </>
  );
}

function traceColumns({ slow_ms }: SimulatedTraces): Column<SimulatedTraces['classes'][number]>[] {
  const name = (of: string): string => (of === 'slow' ? `slow, over ${formatCount(slow_ms)} ms` : of);
  return [
    { header: 'Kind', rowHeader: true, cell: (row) => name(row.class) },
    { header: 'Traces kept', numeric: true, cell: (row) => formatCount(row.traces_kept) },
    { header: 'Traces dropped', numeric: true, cell: (row) => formatCount(row.traces_dropped) },
    { header: 'Spans kept', numeric: true, cell: (row) => formatCount(row.spans_kept) },
    { header: 'Spans dropped', numeric: true, cell: (row) => formatCount(row.spans_dropped) },
  ];
}

function effectsOf({ total }: SimulationDetail): Figure[] {
  const named = [
    ['Values masked', total.values_masked],
    ['Attributes removed', total.keys_removed],
    ['Attributes renamed', total.keys_renamed],
    ['Span names generalised', total.span_names_generalised],
  ] as const;
  return [
    { name: 'Spans touched', value: formatCount(total.spans_touched), note: `of ${formatCount(total.spans)}` },
    ...named.filter(([, n]) => n > 0).map(([name, n]) => ({ name, value: formatCount(n) })),
  ];
}

function savedOf({ saving }: SimulationDetail): Figure {
  const name = 'Saved in a month';
  const { verdict, reason, money, money_interval, bytes, bytes_interval, currency, basis } = saving;
  if (verdict === 'insufficient_evidence') return { name, value: 'insufficient evidence', note: reason };
  const isMoney = money !== null && currency !== null;
  const show = isMoney ? (n: number) => formatCost(n, currency) : formatBytes;
  const range = isMoney ? money_interval : bytes_interval;
  const figure = signed(isMoney ? money : (bytes ?? 0), show);
  if (range === null) return { name, value: figure, note: basis };
  return { name, value: figure, note: `95 %: ${signed(range.low, show)} to ${signed(range.high, show)}; ${basis}` };
}

function signed(n: number, show: (n: number) => string): string {
  return n < 0 ? `−${show(-n)}` : show(n);
}
