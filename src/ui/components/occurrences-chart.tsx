import '@mantine/charts/styles.css';
import { BarChart } from '@mantine/charts';
import { Button, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { formatCount, formatTime } from '../format.js';
import { DataTable } from './data-table.js';
import { fillHours, type Hour } from './hours.js';
import { Time } from './text.js';

const HOUR_COLUMNS = [
  { header: 'Hour from', rowHeader: true, cell: ({ hour }: Hour) => <Time iso={hour} /> },
  { header: 'Occurrences', numeric: true, cell: ({ occurrences }: Hour) => formatCount(occurrences) },
];

/** Occurrences by hour, as chart or as table. */
export default function OccurrencesChart({ hours }: { hours: readonly Hour[] }) {
  const [isTable, { toggle }] = useDisclosure(false);
  if (hours.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        None in the last 14 days.
      </Text>
    );
  }
  return (
    <>
      <Group justify="flex-end" mb="xs">
        <Button size="compact-sm" variant="default" onClick={toggle}>
          {isTable ? 'View as chart' : 'View as table'}
        </Button>
      </Group>
      {isTable ? (
        <DataTable
          caption="Occurrences by hour, latest first; hours without any are left out"
          columns={HOUR_COLUMNS}
          rows={[...hours].reverse()}
          keyOf={({ hour }) => hour}
        />
      ) : (
        <Bars hours={hours} />
      )}
    </>
  );
}

function Bars({ hours }: { hours: readonly Hour[] }) {
  const filled = fillHours(hours, Date.now());
  const most = Math.max(...hours.map(({ occurrences }) => occurrences));
  const label = `Occurrences by hour since ${formatTime(filled[0]!.hour)}; at most ${formatCount(most)} in an hour`;
  return (
    <div role="img" aria-label={label}>
      <BarChart
        h={220}
        data={filled.map(({ hour, occurrences }) => ({ hour: formatTime(hour), Occurrences: occurrences }))}
        dataKey="hour"
        series={[{ name: 'Occurrences', color: 'var(--sw-bar)' }]}
        valueFormatter={formatCount}
        tickLine="none"
        gridAxis="x"
        xAxisProps={{ minTickGap: 60 }}
        yAxisProps={{ allowDecimals: false, width: 56 }}
        barProps={{ isAnimationActive: false }}
        tooltipAnimationDuration={0}
        barChartProps={{ accessibilityLayer: false }}
      />
    </div>
  );
}
