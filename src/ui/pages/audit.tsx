import { Anchor, Group } from '@mantine/core';
import type { AuditEvent } from '../../edge/serve/contract.js';
import { addressOf } from '../api.js';
import { AuditState } from '../components/audit-state.js';
import { type Column, DataTable } from '../components/data-table.js';
import { FilterBar, useUrlFilters } from '../components/filters.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page } from '../components/page.js';
import { CodeName, Name, PageLink, Tag, Time } from '../components/text.js';
import { formatCount } from '../format.js';
import { useAudit } from '../queries.js';

const NAMES = ['object', 'actor', 'action', 'outcome', 'since'] as const;
const DAY_MS = 86_400_000;
const WINDOWS = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
];
const OUTCOMES: Readonly<Record<AuditEvent['outcome'], { label: string; tone?: 'good' | 'warn' | 'bad' }>> = {
  done: { label: '✓ done', tone: 'good' },
  refused: { label: '– refused', tone: 'warn' },
  failed: { label: '✕ failed', tone: 'bad' },
  unknown: { label: '? unknown', tone: 'warn' },
};
const OUTCOME_CHOICES = Object.keys(OUTCOMES).map((value) => ({ value, label: value }));
const FINDING = /^findings\/([0-9a-f-]{36})(?:\/|$)/;

const COLUMNS: readonly Column<AuditEvent>[] = [
  { header: 'Event', rowHeader: true, numeric: true, cell: ({ seq }) => formatCount(seq) },
  { header: 'When', cell: ({ at }) => <Time iso={at} /> },
  { header: 'Who', cell: ({ actor }) => <Name>{actor}</Name> },
  { header: 'Action', cell: ({ action }) => <CodeName>{action}</CodeName> },
  { header: 'On', cell: ({ object }) => <Place object={object} /> },
  { header: 'Outcome', cell: ({ outcome }) => <Tag tone={OUTCOMES[outcome].tone!}>{OUTCOMES[outcome].label}</Tag> },
  { header: 'Details', cell: ({ details }) => <Details details={details} /> },
];

export function AuditPage() {
  const filters = useUrlFilters(NAMES);
  const { since, ...rest } = filters.values;
  const query = { ...rest, from: since === undefined ? undefined : startOf(Number(since)) };
  const events = useAudit(query);
  const seen = (field: 'actor' | 'action') =>
    [...new Set(events.data?.map((event) => event[field]))].sort().map((value) => ({ value, label: value }));
  const bar = [
    { name: 'actor', label: 'Who', choices: seen('actor'), otherwise: 'Everybody' },
    { name: 'action', label: 'Action', choices: seen('action') },
    { name: 'outcome', label: 'Outcome', choices: OUTCOME_CHOICES },
    { name: 'since', label: 'Time', choices: WINDOWS, otherwise: 'Since ever' },
  ];
  return (
    <Page
      title="Audit"
      about="Every change and every read of findings, latest first. Each event has the hash of the one before it, so what is changed or removed later shows."
      actions={
        <Group gap="sm">
          <Anchor href={addressOf('/audit.csv', query)} size="sm" download>
            Download as CSV
          </Anchor>
          <Anchor href={addressOf('/audit.jsonl', query)} size="sm" download>
            as JSON lines
          </Anchor>
        </Group>
      }
    >
      <AuditState />
      <FilterBar filters={bar} search={{ name: 'object', label: 'On' }} state={filters} />
      <Loaded query={events} what="the audit log" lines={12}>
        {(rows) =>
          rows.length === 0 ? (
            <NoRows isFiltered={filters.isSet} />
          ) : (
            <>
              <DataTable
                caption="Events"
                columns={COLUMNS}
                rows={rows}
                keyOf={({ seq }) => String(seq)}
                isStale={events.isPlaceholderData}
              />
              <LoadMore query={events} shown={rows.length} noun="event" />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** To the hour, so that the question stays the same from one second to the next. */
function startOf(days: number): string | undefined {
  if (!WINDOWS.some(({ value }) => value === String(days))) return undefined;
  const hour = 3_600_000;
  return new Date(Math.floor((Date.now() - days * DAY_MS) / hour) * hour).toISOString();
}

function Place({ object }: { object: string }) {
  const [, finding] = FINDING.exec(object) ?? [];
  const name = <CodeName>{object}</CodeName>;
  return finding === undefined ? name : <PageLink to={`/findings/${finding}`}>{name}</PageLink>;
}

function Details({ details }: { details: AuditEvent['details'] }) {
  const entries = Object.entries(details).filter(([, value]) => value !== null);
  if (entries.length === 0) return '–';
  const text = (value: AuditEvent['details'][string]): string =>
    Array.isArray(value) && value.length > 3 ? `${value.length} of them` : String(value);
  return entries.map(([name, value]) => (
    <div key={name}>
      <small>{name}</small> <Name>{text(value)}</Name>
    </div>
  ));
}

function NoRows({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered)
    return (
      <Nothing title="No event matches these filters">
        “On” takes whole names, such as findings or findings/ and an id.
      </Nothing>
    );
  return (
    <Nothing title="Nothing is recorded yet">Events come with the first change and the first read of findings.</Nothing>
  );
}
