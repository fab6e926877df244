import { Text } from '@mantine/core';
import type { Policy, SimulationDetail } from '../../edge/serve/contract.js';
import { formatBytes, formatCount } from '../format.js';
import { type Column, DataTable } from './data-table.js';
import { Loaded } from './loaded.js';
import { WarningNote } from './note.js';
import { useNewestSimulation } from './simulation-queries.js';
import { Name, Time } from './text.js';

/** Whether a policy was simulated, with what came out: what who approves it should know. */
export function PolicyStanding({ policy }: { policy: Policy }) {
  const simulation = useNewestSimulation(policy.id);
  return (
    <Loaded query={simulation} what="the simulation" lines={2}>
      {(data) => <Simulated policy={policy} simulation={data} />}
    </Loaded>
  );
}

/** Whether a simulation is over and one of what the policy says now. */
export function isSimulated(policy: Policy, simulation: SimulationDetail | null): boolean {
  return simulation?.state === 'done' && simulation.version === policy.version && simulation.is_current;
}

function Simulated({ policy, simulation }: { policy: Policy; simulation: SimulationDetail | null }) {
  if (simulation === null || simulation.state !== 'done') {
    return (
      <WarningNote title={simulation === null ? 'Not simulated' : 'The simulation is not over'}>
        {simulation === null
          ? 'Nobody knows yet what it does to the spans that come in. “Simulate” on its card shows it before a collector has it.'
          : 'What it does to the spans that come in is known when it ends.'}
      </WarningNote>
    );
  }
  if (!isSimulated(policy, simulation)) {
    return (
      <WarningNote title="Not simulated as it is">
        Version {formatCount(simulation.version)} was, and the policy changed since.
      </WarningNote>
    );
  }
  if (simulation.note !== null) {
    return (
      <WarningNote title="The simulation shows nothing">
        <Name>{simulation.note}</Name>
      </WarningNote>
    );
  }
  return (
    <>
      <Text size="sm">
        Simulated on {formatCount(simulation.total.spans)} spans that came in, until <Time iso={simulation.ends_at} />:
      </Text>
      <DataTable caption="What the simulation showed" columns={COLUMNS} rows={rowsOf(simulation)} keyOf={keyOf} />
    </>
  );
}

interface Row {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

function rowsOf({ total, traces }: SimulationDetail): Row[] {
  const row = (what: string, before: number, after: number, show = formatCount): Row => ({
    ...{ what, before: show(before), after: show(after) },
  });
  const changed = [
    ['Values masked', total.values_masked],
    ['Attributes removed', total.keys_removed],
    ['Attributes renamed', total.keys_renamed],
    ['Span names generalised', total.span_names_generalised],
  ] as const;
  return [
    row('Spans', total.spans, total.spans - total.spans_dropped),
    row('Bytes', total.bytes_before, total.bytes_after, formatBytes),
    ...(traces === null ? [row('Matches of findings', total.findings_before, total.findings_after)] : []),
    ...changed.filter(([, n]) => n > 0).map(([what, n]) => ({ what, before: '–', after: formatCount(n) })),
  ];
}

const COLUMNS: readonly Column<Row>[] = [
  { header: 'What', rowHeader: true, cell: ({ what }) => what },
  { header: 'Before', numeric: true, cell: ({ before }) => before },
  { header: 'After', numeric: true, cell: ({ after }) => after },
];

function keyOf({ what }: Row): string {
  return what;
}
