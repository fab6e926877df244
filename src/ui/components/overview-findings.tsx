import { Skeleton, Text } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { FindingPage, Status } from '../../edge/serve/contract.js';
import { formatAge, formatCount, plural } from '../format.js';
import type { Severity as Level } from '../queries.js';
import { DataTable } from './data-table.js';
import { FINDING_COLUMNS } from './finding-columns.js';
import { Loaded } from './loaded.js';
import styles from './overview.module.css';
import { Nothing, Panel, Section } from './page.js';
import { Severity } from './severity.js';
import { PageLink } from './text.js';

export const SEVERITIES: readonly Level[] = ['critical', 'high', 'medium', 'low', 'info'];
const LATEST_SHOWN = 8;

type Queries = readonly UseQueryResult<FindingPage>[];

/** How many findings are open of each severity. */
export function OpenFindings({ queries, status }: { queries: Queries; status: Status }) {
  const isEmpty = queries.every(({ data }) => data?.data.length === 0);
  return (
    <Panel title="Open findings" id="open-findings" aside={<PageLink to="/findings">Findings</PageLink>}>
      {isEmpty ? (
        <NoFindings status={status} />
      ) : (
        <ul className={styles.list}>
          {SEVERITIES.map((severity, i) => (
            <li key={severity} className={styles.row}>
              <PageLink to={`/findings?severity=${severity}`}>
                <Severity level={severity} />
              </PageLink>
              <Count query={queries[i]!} />
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Count({ query }: { query: Queries[number] }) {
  if (query.data === undefined) return query.isError ? '?' : <Skeleton w={40} h={14} />;
  const { data, next_cursor } = query.data;
  return <span className={styles.count}>{formatCount(data.length) + (next_cursor === null ? '' : '+')}</span>;
}

/** Nothing was found: say what was looked at, so that it can be believed. */
export function NoFindings({ status }: { status: Status }) {
  const { detectors, spans_7d, last_span_at } = status;
  return (
    <Text size="sm" c="dimmed">
      None. {plural(detectors, 'detector')} looked at {plural(spans_7d, 'span')} in the last 7 days
      {last_span_at !== null && `, the last ones ${formatAge(last_span_at)}`}.
    </Text>
  );
}

/** The latest of the most severe findings. */
export function LatestFindings({ queries }: { queries: Queries }) {
  const worst = queries.flatMap(({ data }) => data?.data ?? []).slice(0, LATEST_SHOWN);
  const first = queries.find(({ data }) => data === undefined) ?? queries[0]!;
  return (
    <Section title="Most severe findings" id="worst">
      <Loaded query={first} what="the findings">
        {() =>
          worst.length === 0 ? (
            <Nothing title="Nothing to look at" />
          ) : (
            <DataTable caption="Most severe findings" columns={FINDING_COLUMNS} rows={worst} keyOf={({ id }) => id} />
          )
        }
      </Loaded>
    </Section>
  );
}
