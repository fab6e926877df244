import { Text } from '@mantine/core';
import type { SavingList } from '../../edge/serve/contract.js';
import { formatCost, formatDate, formatShare } from '../format.js';
import { useSavings } from '../queries.js';
import { DataTable } from './data-table.js';
import { Loaded } from './loaded.js';
import { Nothing, Section } from './page.js';
import { Name, Tag } from './text.js';

type Saving = SavingList['data'][number];

/** What approved policies were to save, and what they save by what was counted since. */
export function Savings() {
  const savings = useSavings();
  return (
    <Section title="Savings of policies" id="savings">
      <Text size="sm" c="dimmed" mb="sm">
        Of what their services would have sent in the last 7 days: as promised when a policy was approved, and as
        measured since.
      </Text>
      <Loaded query={savings} what="the savings" lines={3}>
        {(list) => (list.data.length === 0 ? <Nothing title="No approved policies yet" /> : <Table list={list} />)}
      </Loaded>
    </Section>
  );
}

function Table({ list: { data, currency } }: { list: SavingList }) {
  return (
    <DataTable
      caption="Savings of policies"
      columns={[
        { header: 'Policy', rowHeader: true, cell: ({ title }) => <Name>{title}</Name> },
        { header: 'Since', cell: ({ since }) => formatDate(since) },
        { header: 'Promised', numeric: true, cell: ({ promised }) => shareOf(promised.share) },
        { header: 'Measured', numeric: true, cell: ({ measured }) => measuredShare(measured) },
        { header: 'Saves', numeric: true, cell: ({ measured }) => measured && formatCost(measured.money, currency) },
        { header: 'Verdict', cell: (row) => <Verdict row={row} /> },
      ]}
      rows={data}
      keyOf={({ policy }) => policy}
    />
  );
}

function shareOf(share: number | null): string {
  return share === null ? 'nothing' : formatShare(share);
}

function measuredShare(measured: Saving['measured']): string {
  if (measured === null) return '';
  const { share, share_interval: bounds } = measured;
  return `${formatShare(share)} (${formatShare(bounds.low)} – ${formatShare(bounds.high)})`;
}

function Verdict({ row: { verdict, reason } }: { row: Saving }) {
  if (verdict === 'kept') return <Tag tone="good">✓ kept</Tag>;
  if (verdict === 'missed') return <Tag tone="warn">△ missed</Tag>;
  return <Text size="sm">{verdict === 'no_promise' ? 'no promise' : `not enough evidence: ${reason}`}</Text>;
}
