import { Button, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import type { CostReport } from '../../edge/serve/contract.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Figures } from '../components/figures.js';
import { Loaded } from '../components/loaded.js';
import { Owners } from '../components/owners.js';
import { Nothing, Page } from '../components/page.js';
import { NO_ENVIRONMENT } from '../components/places.js';
import { Savings } from '../components/savings.js';
import { ShareBar } from '../components/share-bar.js';
import styles from '../components/share-bar.module.css';
import { Name, PageLink, Tag, Time } from '../components/text.js';
import { formatBytes, formatCost, formatCount, formatDate, plural } from '../format.js';
import { type CostGroup, useCosts } from '../queries.js';

type Row = CostReport['rows'][number];

const GROUPS: Readonly<Record<CostGroup, string>> = {
  team: 'Team',
  service: 'Service',
  environment: 'Environment',
  attribute: 'Attribute',
  location: 'Part of spans',
  span_name: 'Span name',
};
const ROWS_SHOWN = 100;
const UNCONFIRMED = '; compare it with a bill before you rely on it';

export function CostPage() {
  const [params, setParams] = useSearchParams();
  const asked = params.get('group_by') ?? 'team';
  const group = asked in GROUPS ? (asked as CostGroup) : 'team';
  const costs = useCosts(group);
  const choices = Object.entries(GROUPS).map(([value, label]) => ({ value, label }));
  return (
    <Page
      title="Cost"
      about="What the spans of the last 7 days cost, and whose they are."
      actions={<a href="#owners">Owners of services</a>}
    >
      <Group gap="sm">
        <Text size="sm" id="group-by">
          Group by
        </Text>
        <SegmentedControl
          size="sm"
          aria-labelledby="group-by"
          data={choices}
          value={group}
          onChange={(value) => setParams({ group_by: value })}
        />
      </Group>
      <Loaded query={costs} what="the costs" lines={8}>
        {(report) => <Costs key={report.group_by} report={report} isStale={costs.isPlaceholderData} />}
      </Loaded>
      <Savings />
      <Owners />
    </Page>
  );
}

function Costs({ report, isStale }: { report: CostReport; isStale: boolean }) {
  const [isLong, setLong] = useState(false);
  const { rows, group_by } = report;
  if (rows.length === 0 || report.total.bytes === 0) {
    return (
      <Nothing title="No spans in the last 7 days">
        <PageLink to="/">How to send some</PageLink>
      </Nothing>
    );
  }
  const shown = isLong ? rows : rows.slice(0, ROWS_SHOWN);
  const columns = columnsOf(report);
  return (
    <Stack gap="md">
      <Totals report={report} />
      <DataTable
        caption={`Cost by ${group_by}`}
        columns={columns}
        rows={shown}
        keyOf={({ group }) => group}
        totals={totalsOf(report, columns)}
        isStale={isStale}
      />
      {shown.length < rows.length && (
        <Button size="xs" variant="default" onClick={() => setLong(true)} style={{ alignSelf: 'flex-start' }}>
          Show all {formatCount(rows.length)}
        </Button>
      )}
      <Text size="xs" c="dimmed">
        {report.basis}. {report.saving_basis}
      </Text>
    </Stack>
  );
}

function Totals({ report }: { report: CostReport }) {
  const { total, currency, price_model, window } = report;
  const figures = [
    {
      name: 'Total',
      value: formatCost(total.cost, currency),
      note: (
        <>
          <Time iso={window.start} /> – <Time iso={window.end} />
        </>
      ),
    },
    { name: 'Bytes', value: formatBytes(total.bytes), note: plural(total.spans, 'span') },
    {
      name: 'Price model',
      value: price_model.confirmed ? <Tag tone="good">✓ confirmed</Tag> : <Tag tone="warn">△ unconfirmed</Tag>,
      note: `${price_model.name}, as of ${formatDate(price_model.as_of)}${price_model.confirmed ? '' : UNCONFIRMED}`,
    },
  ];
  return <Figures figures={figures} />;
}

function columnsOf({ group_by, currency }: CostReport): Column<Row>[] {
  const spans: Column<Row> = { header: 'Spans', numeric: true, cell: (row) => formatCount(row.spans) };
  return [
    {
      header: GROUPS[group_by],
      rowHeader: true,
      className: styles.group,
      cell: ({ group }) => <Name>{group || NO_ENVIRONMENT}</Name>,
    },
    { header: 'Share', className: styles.column, cell: ({ share }) => <ShareBar share={share} /> },
    ...(group_by === 'attribute' || group_by === 'location' ? [] : [spans]), // one span counts for many attributes
    { header: 'Bytes', numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
    { header: 'Cost', numeric: true, cell: ({ cost }) => formatCost(cost, currency) },
  ];
}

function totalsOf({ total, currency }: CostReport, columns: readonly Column<Row>[]) {
  const cells: Readonly<Record<string, string>> = {
    Spans: formatCount(total.spans),
    Bytes: formatBytes(total.bytes),
    Cost: formatCost(total.cost, currency),
  };
  return columns.map(({ header }, i) => (i === 0 ? 'Total' : (cells[header] ?? '')));
}
