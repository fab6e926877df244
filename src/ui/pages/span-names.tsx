import { Anchor, Text } from '@mantine/core';
import type { SpanName } from '../../edge/serve/contract.js';
import { addressOf } from '../api.js';
import styles from '../components/attributes.module.css';
import { type Column, DataTable } from '../components/data-table.js';
import { FilterBar, useUrlFilters } from '../components/filters.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Problems } from '../components/naming-problems.js';
import { Nothing, Page } from '../components/page.js';
import { environmentOf, Service, usePlaces } from '../components/places.js';
import { CodeForm, CodeName, PageLink, Tag } from '../components/text.js';
import { formatBytes, formatCount, formatEstimate, formatShare } from '../format.js';
import { useSpanNames } from '../queries.js';

const NAMES = ['service', 'environment', 'team', 'kind', 'level', 'verdict'] as const;
const choices = (values: readonly string[]) => values.map((value) => ({ value, label: value }));
const KINDS = choices(['internal', 'server', 'client', 'producer', 'consumer', 'unspecified']);
const LEVELS = choices(['violation', 'improvement', 'information']);
const VERDICTS = choices(['fail', 'insufficient evidence', 'pass']);
const TONES = { fail: 'bad', 'insufficient evidence': 'warn', pass: 'good' } as const;

const COLUMNS: readonly Column<SpanName>[] = [
  { header: 'Name', rowHeader: true, className: styles.key, cell: ({ template }) => <CodeName>{template}</CodeName> },
  { header: 'Verdict', cell: ({ verdict }) => <Tag tone={TONES[verdict]}>{verdict}</Tag> },
  {
    header: 'Service',
    className: styles.service,
    cell: ({ service, environment }) => <Service service={service} environment={environment} />,
  },
  { header: 'Kind', cell: ({ kind }) => kind },
  {
    header: 'Distinct names',
    numeric: true,
    cell: ({ distinct }) => formatEstimate(distinct.estimate, distinct.standard_error),
  },
  { header: 'Forms', cell: ({ shapes }) => <Forms shapes={shapes} /> },
  { header: 'Spans', numeric: true, cell: ({ spans, share }) => `${formatCount(spans)} (${formatShare(share)})` },
  { header: 'Bytes', numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
  {
    header: 'Findings',
    className: styles.naming,
    cell: ({ findings }) => <Problems problems={findings} subject="Span name " />,
  },
  { header: 'Better', className: styles.key, cell: (row) => <Better row={row} /> },
];

export function SpanNamesPage() {
  const filters = useUrlFilters(NAMES);
  const query = { ...filters.values, environment: environmentOf(filters.values.environment) };
  const names = useSpanNames(query);
  const { services, environments, teams } = usePlaces();
  const bar = [
    { name: 'service', label: 'Service', choices: services },
    { name: 'environment', label: 'Environment', choices: environments },
    { name: 'team', label: 'Team', choices: teams },
    { name: 'kind', label: 'Kind', choices: KINDS },
    { name: 'level', label: 'Level', choices: LEVELS },
    { name: 'verdict', label: 'Verdict', choices: VERDICTS },
  ];
  return (
    <Page
      title="Span names"
      about="Names with what varies in them replaced, those first that need a hand the most, over the last 7 days."
      actions={
        <Anchor href={addressOf('/span-names.csv', query)} size="sm" download>
          Download as CSV
        </Anchor>
      }
    >
      <FilterBar filters={bar} state={filters} />
      <Loaded query={names} what="the span names" lines={12}>
        {(rows) => (rows.length === 0 ? <NoRows isFiltered={filters.isSet} /> : <List rows={rows} query={names} />)}
      </Loaded>
    </Page>
  );
}

function List({ rows, query }: { rows: readonly SpanName[]; query: ReturnType<typeof useSpanNames> }) {
  return (
    <>
      <DataTable
        caption="Span names"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ service, environment, kind, template }) => JSON.stringify([service, environment, kind, template])}
        isStale={query.isPlaceholderData}
      />
      <LoadMore query={query} shown={rows.length} noun="span name" />
      <Text size="xs" c="dimmed">
        Distinct names beyond a few hundred are estimates: ± is the margin of 95 %.
      </Text>
    </>
  );
}

/** The forms of what varies in the names. */
function Forms({ shapes }: { shapes: readonly string[] }) {
  if (shapes.length === 0) return '–';
  return shapes.slice(0, 3).map((shape) => (
    <div key={shape}>
      <CodeForm>{shape}</CodeForm>
    </div>
  ));
}

/** A general name, and where that belongs which it leaves out. */
function Better({ row }: { row: SpanName }) {
  const { findings, suggested_name: name, convention, attributes } = row;
  if (findings.length === 0) return '–';
  return (
    <>
      {name !== null && <CodeName>{name}</CodeName>}
      {name === null && convention !== null && <CodeName>{convention}</CodeName>}
      {attributes.map(({ key }) => (
        <div key={key}>
          <small>in</small> <CodeName>{key}</CodeName>
        </div>
      ))}
    </>
  );
}

function NoRows({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Nothing title="No span name matches these filters" />;
  return (
    <Nothing title="No spans in the last 7 days">
      <PageLink to="/">How to send spans</PageLink>
    </Nothing>
  );
}
