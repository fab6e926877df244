import { Stack, Text } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { formatCount, plural } from '../format.js';
import { type Column, DataTable } from './data-table.js';
import { Facts } from './figures.js';
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
  const { clean, leaked, lost } = canaries;
  return (
    <Panel title={`Proof of version ${version}`} id="proof">
      <Stack gap="sm">
        <Facts
          facts={[
            {
              name: 'Before it was approved',
              value: `${plural(before.matches, 'match', 'matches')} in ${plural(before.spans, 'span')}`,
            },
            { name: 'Proved by', value: `${plural(wanted, 'span')} without a match, or a canary` },
            {
              name: 'Canaries',
              value:
                clean + leaked + lost === 0
                  ? 'none yet'
                  : `${formatCount(clean)} clean, ${formatCount(leaked)} leaked, ${formatCount(lost)} lost`,
            },
          ]}
        />
        {after.length === 0 ? (
          <Text size="sm" c="dimmed">
            No span has come back from behind the policy yet. Send a copy from there, as docs/collectors.md shows, or
            canaries.
          </Text>
        ) : (
          <DataTable caption="Proof by collector" columns={COLUMNS} rows={after} keyOf={({ collector }) => collector} />
        )}
      </Stack>
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
