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

/** How many findings are not resolved, of each severity, and what is special about some of them. */
export function OpenFindings({ status }: { status: Status }) {
  const { open, acknowledged } = status.findings.states;
  const counts = SEVERITIES.map((severity) => ({ severity, n: open[severity] + acknowledged[severity] }));
  return (
    <Panel title="Open findings" id="open-findings" aside={<PageLink to="/findings">Findings</PageLink>}>
      {counts.every(({ n }) => n === 0) ? (
        <NoFindings status={status} />
      ) : (
        <>
          <ul className={styles.list}>
            {counts.map(({ severity, n }) => (
              <li key={severity} className={styles.row}>
                <PageLink to={`/findings?severity=${severity}`}>
                  <Severity level={severity} />
                </PageLink>
                <span className={styles.count}>{formatCount(n)}</span>
              </li>
            ))}
          </ul>
          <Special status={status} />
        </>
      )}
    </Panel>
  );
}

function Special({ status: { findings } }: { status: Status }) {
  const { states, substates } = findings;
  const sum = (counts: Readonly<Record<Level, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);
  const groups = [
    { n: substates.regressed, name: 'regressed', query: 'substate=regressed' },
    { n: substates.escalating, name: 'escalating', query: 'substate=escalating' },
    { n: substates.new, name: 'new', query: 'substate=new' },
    { n: sum(states.acknowledged), name: 'acknowledged', query: 'state=acknowledged' },
    { n: sum(states.resolved), name: 'resolved', query: 'state=resolved' },
  ].filter(({ n }) => n > 0);
  return (
    <ul className={styles.groups} aria-label="Findings by what became of them">
      {groups.map(({ n, name, query }) => (
        <li key={name}>
          <PageLink to={`/findings?${query}`}>
            {formatCount(n)} {name}
          </PageLink>
        </li>
      ))}
    </ul>
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
