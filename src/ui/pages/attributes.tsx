import { Button, Text } from '@mantine/core';
import type { Attribute } from '../../edge/serve/contract.js';
import { addressOf } from '../api.js';
import styles from '../components/attributes.module.css';
import { type Column, DataTable } from '../components/data-table.js';
import { FilterBar, useUrlFilters } from '../components/filters.js';
import { cardPath, GROWTH_NAMES, GrowthTag } from '../components/growth.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { NamingProblems } from '../components/naming-problems.js';
import { Nothing, Page } from '../components/page.js';
import { environmentOf, LOCATION_NAMES, Service, SHORT_LOCATION_NAMES, usePlaces } from '../components/places.js';
import { CodeName, PageLink } from '../components/text.js';
import { formatBytes, formatCost, formatCount, formatEstimate } from '../format.js';
import { useAttributes } from '../queries.js';

const NAMES = ['team', 'service', 'environment', 'location', 'growth'] as const;
const LOCATIONS = Object.entries(LOCATION_NAMES).map(([value, label]) => ({ value, label }));

const GROWTHS = Object.entries(GROWTH_NAMES).map(([value, label]) => ({ value, label }));

const COLUMNS: readonly Column<Attribute>[] = [
  { header: 'Key', rowHeader: true, className: styles.key, cell: (row) => <Key attribute={row} /> },
  { header: 'Location', cell: ({ location }) => SHORT_LOCATION_NAMES[location] },
  {
    header: 'Service',
    className: styles.service,
    cell: ({ service, environment }) => <Service service={service} environment={environment} />,
  },
  { header: 'Types', cell: ({ types, type_conflict }) => types.join(', ') + (type_conflict ? ' (conflict)' : '') },
  { header: 'Observations', numeric: true, cell: ({ observations }) => formatCount(observations) },
  {
    header: 'Distinct values',
    numeric: true,
    cell: ({ distinct }) => formatEstimate(distinct.estimate, distinct.standard_error),
  },
  { header: 'Growth', cell: ({ growth }) => <GrowthTag growth={growth} /> },
  { header: 'Bytes', numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
  { header: 'Cost', numeric: true, cell: ({ cost }) => formatCost(cost.amount, cost.currency) },
  { header: 'Naming', className: styles.naming, cell: (row) => <NamingProblems attribute={row} /> },
];

export function AttributesPage() {
  const filters = useUrlFilters(NAMES);
  const { team, service, environment, location, growth } = filters.values;
  const filter = { team, service, environment: environmentOf(environment), location, growth };
  const attributes = useAttributes(filter);
  const { services, environments, teams } = usePlaces();
  const bar = [
    { name: 'team', label: 'Team', choices: teams },
    { name: 'service', label: 'Service', choices: services },
    { name: 'environment', label: 'Environment', choices: environments },
    { name: 'location', label: 'Location', choices: LOCATIONS },
    { name: 'growth', label: 'Growth', choices: GROWTHS },
  ];
  return (
    <Page
      title="Attributes"
      about="What spans carry, most bytes first, over the last 7 days."
      actions={
        <Button component="a" size="compact-md" variant="default" href={addressOf('/attributes.csv', filter)} download>
          Export CSV
        </Button>
      }
    >
      <FilterBar filters={bar} state={filters} />
      <Loaded query={attributes} what="the attributes" lines={12}>
        {(rows) =>
          rows.length === 0 ? <NoRows isFiltered={filters.isSet} /> : <List rows={rows} query={attributes} />
        }
      </Loaded>
    </Page>
  );
}

function Key({ attribute }: { attribute: Attribute }) {
  return (
    <PageLink to={cardPath(attribute)}>
      <CodeName>{attribute.key}</CodeName>
    </PageLink>
  );
}

function List({ rows, query }: { rows: readonly Attribute[]; query: ReturnType<typeof useAttributes> }) {
  return (
    <>
      <DataTable
        caption="Attributes"
        columns={COLUMNS}
        rows={rows}
        keyOf={({ service, environment, location, key }) => JSON.stringify([service, environment, location, key])}
        isStale={query.isPlaceholderData}
      />
      <LoadMore query={query} shown={rows.length} noun="attribute" />
      <Text size="xs" c="dimmed">
        Distinct values beyond a few hundred are estimates: ± is the margin of 95 %.
      </Text>
    </>
  );
}

function NoRows({ isFiltered }: { isFiltered: boolean }) {
  if (isFiltered) return <Nothing title="No attribute matches these filters" />;
  return (
    <Nothing title="No attributes in the last 7 days">
      <PageLink to="/">How to send spans</PageLink>
    </Nothing>
  );
}
