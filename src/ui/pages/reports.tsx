import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { ReportSummary } from '../../edge/serve/contract.js';
import { type Column, DataTable } from '../components/data-table.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page } from '../components/page.js';
import { ReportDialog } from '../components/report-dialog.js';
import { Tag, Time } from '../components/text.js';
import { formatDay } from '../format.js';
import { useReports } from '../queries.js';

const EDITIONS: Readonly<Record<ReportSummary['edition'], string>> = {
  weekly: 'Weekly',
  monthly: 'Monthly',
  quarterly: 'Quarterly',
  'on-demand': 'On demand',
};
const READERS: Readonly<Record<ReportSummary['audience'], string>> = {
  security: 'Security',
  'team-lead': 'Team leads',
  executive: 'Executives',
};
const FORMATS: Readonly<Record<string, string>> = {
  html: 'HTML',
  pdf: 'PDF',
  md: 'Markdown',
  csv: 'CSV',
  json: 'JSON',
};

const COLUMNS: readonly Column<ReportSummary>[] = [
  { header: 'Period', rowHeader: true, cell: ({ period }) => <Period {...period} /> },
  { header: 'Edition', cell: ({ edition }) => EDITIONS[edition] },
  {
    header: 'For',
    cell: ({ audience, team }) => (team === null ? READERS[audience] : `${READERS[audience]}, ${team}`),
  },
  { header: 'State', cell: (report) => <State report={report} /> },
  { header: 'Made', cell: ({ created_at }) => <Time iso={created_at} /> },
  { header: 'Read it', cell: (report) => <Formats report={report} /> },
];

export function ReportsPage() {
  const reports = useReports();
  const [isAsking, setAsking] = useState(false);
  return (
    <Page
      title="Reports"
      about="Findings, cost, growth and policies of a window of time. They are made each week, month and quarter by themselves."
      actions={
        <Button size="xs" onClick={() => setAsking(true)}>
          Make a report
        </Button>
      }
    >
      <Loaded query={reports} what="the reports">
        {(rows) =>
          rows.length === 0 ? (
            <Nothing title="No reports yet">
              The first weekly one comes by itself, or make one of any window now.
            </Nothing>
          ) : (
            <>
              <DataTable caption="Reports" columns={COLUMNS} rows={rows} keyOf={({ id }) => id} />
              <LoadMore query={reports} shown={rows.length} noun="report" />
            </>
          )
        }
      </Loaded>
      {isAsking && <ReportDialog onClose={() => setAsking(false)} />}
    </Page>
  );
}

function Period({ start, end }: ReportSummary['period']) {
  return (
    <>
      <Time iso={start} /> – <Time iso={end} />
    </>
  );
}

function State({ report }: { report: ReportSummary }) {
  if (report.state === 'ready') return <Tag tone="good">✓ ready</Tag>;
  if (report.state === 'pending') return <Tag>… in the making</Tag>;
  return (
    <>
      <Tag tone="bad">✕ failed</Tag> {report.error}
    </>
  );
}

/** The one that people read comes first. */
function inOrder(formats: ReportSummary['formats']): [string, string][] {
  const names = Object.keys(FORMATS);
  return Object.entries(formats).sort(([a], [b]) => names.indexOf(a) - names.indexOf(b));
}

function Formats({ report }: { report: ReportSummary }) {
  if (report.state !== 'ready') return '–';
  const period = `${formatDay(report.period.start)} to ${formatDay(report.period.end)}`;
  return (
    <Group gap="sm" wrap="nowrap">
      {inOrder(report.formats).map(([format, address]) => (
        <a
          key={format}
          href={address}
          target="_blank"
          rel="noopener"
          aria-label={`${FORMATS[format] ?? format}, ${EDITIONS[report.edition]}, ${READERS[report.audience]}, ${period}`}
        >
          {FORMATS[format] ?? format}
        </a>
      ))}
    </Group>
  );
}
