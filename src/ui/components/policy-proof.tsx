import { Text } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { formatCount, plural } from '../format.js';
import { type Column, DataTable } from './data-table.js';
import { Panel } from './page.js';
import { Name, Tag } from './text.js';

type Proof = NonNullable<Policy['proof']>;
type Row = Proof['after'][number];

/** What the data say of the version in force, by collector. */
export function PolicyProof({ versions }: { versions: readonly Policy[] }) {
  const current = versions.find(({ proof, state }) => proof !== null && (state === 'approved' || state === 'active'));
  if (current?.proof == null) return null;
  const { proof, version } = current;
  const { before, after, canaries, spans_wanted: wanted } = proof;
  const tried = canaries.clean + canaries.leaked + canaries.lost;
  return (
    <Panel title={`Proof of version ${version}`} id="proof">
      <Text size="sm" mb="xs">
        {proof.why} Before it was approved: {plural(before.matches, 'match', 'matches')} in{' '}
        {plural(before.spans, 'span')}. {plural(wanted, 'span')} without a match prove it.{' '}
        {tried > 0 &&
          `Canaries: ${formatCount(canaries.clean)} clean, ${formatCount(canaries.leaked)} leaked, ${formatCount(canaries.lost)} lost.`}
      </Text>
      {after.length === 0 ? (
        <Text size="sm" c="dimmed">
          No span has come back from behind the policy yet. Send a copy from there, as docs/collectors.md shows, or
          canaries.
        </Text>
      ) : (
        <DataTable caption="Proof by collector" columns={COLUMNS} rows={after} keyOf={({ collector }) => collector} />
      )}
    </Panel>
  );
}

const COLUMNS: readonly Column<Row>[] = [
  {
    header: 'Collector',
    rowHeader: true,
    cell: ({ collector }) => (collector === '' ? 'does not say its name' : <Name>{collector}</Name>),
  },
  { header: 'Spans under it', numeric: true, cell: ({ spans }) => formatCount(spans) },
  { header: 'Matches in them', numeric: true, cell: ({ matches }) => formatCount(matches) },
  {
    header: 'So far',
    cell: ({ matches }) => (matches === 0 ? <Tag tone="good">✓ clean</Tag> : <Tag tone="bad">✕ leaks</Tag>),
  },
];
