import { DataTable } from '../components/data-table.js';
import { type Filter, FilterBar, useUrlFilters } from '../components/filters.js';
import { FINDING_COLUMNS, KIND_NAMES } from '../components/finding-columns.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { NoFindings, SEVERITIES } from '../components/overview-findings.js';
import { Nothing, Page } from '../components/page.js';
import { environmentOf, LOCATION_NAMES, usePlaces } from '../components/places.js';
import { SEVERITY_NAMES } from '../components/severity.js';
import { PageLink } from '../components/text.js';
import { useFindings, useStatus } from '../queries.js';

const NAMES = ['kind', 'severity', 'confidence', 'service', 'environment', 'location', 'key'] as const;
const CONFIDENCES = [
  { value: 'high', label: 'High' },
  { value: 'other', label: 'Needs a look' },
];

export function FindingsPage() {
  const filters = useUrlFilters(NAMES);
  const { environment, ...rest } = filters.values;
  const findings = useFindings({ ...rest, environment: environmentOf(environment) });
  return (
    <Page title="Findings" about="Secrets, personal data and names that break the conventions, latest first.">
      <FilterBar filters={useFilterChoices(filters.values)} state={filters} />
      <Loaded query={findings} what="the findings" lines={12}>
        {(rows) =>
          rows.length === 0 ? (
            <NoRows isFiltered={filters.isSet} />
          ) : (
            <>
              <DataTable
                caption="Findings"
                columns={FINDING_COLUMNS}
                rows={rows}
                keyOf={({ id }) => id}
                isStale={findings.isPlaceholderData}
              />
              <LoadMore query={findings} shown={rows.length} noun="finding" />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

/** Location and key are chosen by a link to here, and shown only then. */
function useFilterChoices({ location, key }: { location?: string; key?: string }): Filter[] {
  const { services, environments } = usePlaces();
  const choices = (names: object) => Object.entries(names).map(([value, label]) => ({ value, label }));
  return [
    { name: 'kind', label: 'Kind', choices: choices(KIND_NAMES) },
    {
      name: 'severity',
      label: 'Severity',
      choices: SEVERITIES.map((value) => ({ value, label: SEVERITY_NAMES[value] })),
    },
    { name: 'confidence', label: 'Confidence', choices: CONFIDENCES },
    { name: 'service', label: 'Service', choices: services },
    { name: 'environment', label: 'Environment', choices: environments },
    ...(location === undefined ? [] : [{ name: 'location', label: 'Location', choices: choices(LOCATION_NAMES) }]),
    ...(key === undefined ? [] : [{ name: 'key', label: 'Key', choices: [] }]),
  ];
}

function NoRows({ isFiltered }: { isFiltered: boolean }) {
  const status = useStatus();
  if (isFiltered) return <Nothing title="No finding matches these filters" />;
  if (status.data?.last_span_at === null) {
    return (
      <Nothing title="No spans have come in yet">
        <PageLink to="/">How to send some</PageLink>
      </Nothing>
    );
  }
  return <Nothing title="No open findings">{status.data && <NoFindings status={status.data} />}</Nothing>;
}
