import { Text } from '@mantine/core';
import type { Status } from '../../edge/serve/contract.js';
import { formatAge, formatCount, plural } from '../format.js';
import { type Severity as Level, useMostSevereFindings } from '../queries.js';
import { DataTable } from './data-table.js';
import { FINDING_COLUMNS } from './finding-columns.js';
import { Loaded } from './loaded.js';
import styles from './overview.module.css';
import { Nothing, Panel, Section } from './page.js';
import { Severity } from './severity.js';
import { PageLink } from './text.js';

export const SEVERITIES: readonly Level[] = ['critical', 'high', 'medium', 'low', 'info'];

/** How many findings are open of each severity. */
export function OpenFindings({ status }: { status: Status }) {
  const counts = Object.fromEntries(
    ['critical', 'high', 'medium', 'low', 'info'].map((s) => [
      s,
      status.findings.states.open[s as Level] + status.findings.states.acknowledged[s as Level],
    ]),
  ) as Record<Level, number>;
  const isEmpty = SEVERITIES.every((severity) => counts[severity] === 0);
  return (
    <Panel title="Open findings" id="open-findings" aside={<PageLink to="/findings">Findings</PageLink>}>
      {isEmpty ? (
        <NoFindings status={status} />
      ) : (
        <ul className={styles.list}>
          {SEVERITIES.map((severity) => (
            <li key={severity} className={styles.row}>
              <PageLink to={`/findings?severity=${severity}`}>
                <Severity level={severity} />
              </PageLink>
              <span className={styles.count}>{formatCount(counts[severity])}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
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
export function MostSevereFindings() {
  return (
    <Section title="Most severe findings" id="worst">
      <Loaded query={useMostSevereFindings()} what="the findings">
        {({ data }) =>
          data.length === 0 ? (
            <Nothing title="Nothing to look at" />
          ) : (
            <DataTable caption="Most severe findings" columns={FINDING_COLUMNS} rows={data} keyOf={({ id }) => id} />
          )
        }
      </Loaded>
    </Section>
  );
}
