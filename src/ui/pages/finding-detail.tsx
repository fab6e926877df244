import { Anchor, Button, Group, List, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { FindingDetail } from '../../edge/serve/contract.js';
import { ApiError } from '../api.js';
import { Copy } from '../components/code-block.js';
import { Facts } from '../components/figures.js';
import { KIND_NAMES, Mask } from '../components/finding-columns.js';
import { FindingHistory } from '../components/finding-history.js';
import { FindingStateText, RESOLUTION_NOTES, type State, SUBSTATE_NOTES } from '../components/finding-state.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page, Panel } from '../components/page.js';
import { LOCATION_NAMES } from '../components/places.js';
import { PolicyStateTag } from '../components/policy-state.js';
import { Said } from '../components/said.js';
import { Severity } from '../components/severity.js';
import { CodeName, Name, PageLink, Time } from '../components/text.js';
import { TriageDialog } from '../components/triage-dialog.js';
import { formatCount, formatRange } from '../format.js';
import { useFinding } from '../queries.js';

const OccurrencesChart = lazy(() => import('../components/occurrences-chart.js'));

export function FindingDetailPage({ id }: { id: string }) {
  const finding = useFinding(id);
  const isUnknown = finding.error instanceof ApiError && finding.error.status === 404;
  return (
    <Page
      title={finding.data?.detector.name ?? 'Finding'}
      about={<PageLink to="/findings">← All findings</PageLink>}
      actions={finding.data && <Decisions finding={finding.data} />}
    >
      {isUnknown ? (
        <Nothing title="There is no such finding">It may have been removed with the data of its time.</Nothing>
      ) : (
        <Loaded query={finding} what="the finding">
          {(data) => <Detail finding={data} />}
        </Loaded>
      )}
    </Page>
  );
}

/** What can be decided on the finding as it stands. */
function Decisions({ finding }: { finding: FindingDetail }) {
  const [asked, setAsked] = useState<{ finding: FindingDetail; state: State } | null>(null);
  const [said, setSaid] = useState('');
  const ask = (state: State): void => setAsked({ finding, state });
  const close = (message: string): void => {
    setAsked(null);
    setSaid(message);
  };
  return (
    <Group gap="xs">
      <Said message={said} />
      {finding.state === 'open' && (
        <Button size="compact-md" variant="default" onClick={() => ask('acknowledged')}>
          Acknowledge …
        </Button>
      )}
      {finding.state !== 'open' && (
        <Button size="compact-md" variant="default" onClick={() => ask('open')}>
          Open again …
        </Button>
      )}
      <Button
        size="compact-md"
        variant={finding.state === 'resolved' ? 'default' : 'filled'}
        onClick={() => ask('resolved')}
      >
        {finding.state === 'resolved' ? 'Resolve otherwise …' : 'Resolve …'}
      </Button>
      {asked !== null && <TriageDialog findings={[asked.finding]} state={asked.state} onClose={close} />}
    </Group>
  );
}

function Detail({ finding }: { finding: FindingDetail }) {
  return (
    <>
      <Panel title="Facts" id="facts">
        <Facts facts={factsOf(finding)} />
      </Panel>
      <Panel title="Occurrences by hour" id="occurrences">
        <Suspense fallback={<Skeleton height={220} />}>
          <OccurrencesChart hours={finding.hours} />
        </Suspense>
      </Panel>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Remedy finding={finding} />
        <Policies policies={finding.policies} />
      </SimpleGrid>
      <FindingHistory finding={finding} />
    </>
  );
}

function factsOf(finding: FindingDetail) {
  const { kind, location, key, component, environment, example, confidence } = finding;
  return [
    {
      name: 'Severity',
      value: <Explained note={finding.severity_reason} value={<Severity level={finding.severity} />} />,
    },
    { name: 'State', value: <Explained note={noteOf(finding)} value={<FindingStateText finding={finding} />} /> },
    { name: 'Kind', value: `${KIND_NAMES[kind]} (${finding.detector.family})` },
    { name: 'Detector', value: <CodeName>{finding.detector.id}</CodeName> },
    { name: 'Confidence', value: confidence === 'high' ? 'High' : 'Not sure; a person should look' },
    { name: 'Service', value: <Name>{finding.service}</Name> },
    { name: 'Environment', value: environment === '' ? 'none' : <Name>{environment}</Name> },
    { name: 'Team', value: <Name>{finding.team}</Name> },
    { name: 'Location', value: LOCATION_NAMES[location] },
    { name: location === 'span_name' ? 'Form of the name' : 'Key', value: <CodeName>{key}</CodeName> },
    ...(component === '' ? [] : [{ name: 'Part of the value', value: <CodeName>{component}</CodeName> }]),
    { name: 'Mask', value: <Mask mask={finding.mask} /> },
    { name: 'Seen', value: formatCount(finding.occurrences) },
    { name: 'In all spans', value: finding.estimated === null ? 'not known' : formatRange(finding.estimated) },
    { name: 'First seen', value: <Time iso={finding.first_seen} /> },
    { name: 'Last seen', value: <Time iso={finding.last_seen} /> },
    { name: 'Example trace', value: <Id label="trace id" id={example.trace_id} /> },
    { name: 'Example span', value: <Id label="span id" id={example.span_id} /> },
    ...finding.fingerprints
      .slice(0, 3)
      .map((fingerprint, i) => ({ name: `Fingerprint ${i + 1}`, value: <Id label="fingerprint" id={fingerprint} /> })),
  ];
}

function Explained({ value, note }: { value: ReactNode; note: string }) {
  return (
    <Stack gap={2}>
      {value}
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </Stack>
  );
}

function noteOf({ substate, resolution }: FindingDetail): string {
  if (substate !== null) return SUBSTATE_NOTES[substate];
  return resolution === null ? '' : RESOLUTION_NOTES[resolution];
}

function Id({ label, id }: { label: string; id: string }) {
  if (id === '') return 'none';
  return (
    <Group gap={6} wrap="nowrap" align="flex-start">
      <CodeName>{id}</CodeName>
      <Copy label={label} text={id} />
    </Group>
  );
}

function Remedy({ finding }: { finding: FindingDetail }) {
  const references = finding.references.filter((reference) => /^https?:\/\//.test(reference));
  return (
    <Panel title="What to do" id="remedy">
      <Text size="sm">{finding.remedy || 'The detector gives no advice.'}</Text>
      {references.length > 0 && (
        <>
          <Text size="xs" c="dimmed" mt="sm">
            References
          </Text>
          <List size="sm">
            {references.map((reference) => (
              <List.Item key={reference}>
                <Anchor href={reference} target="_blank" rel="noopener noreferrer" size="sm">
                  {reference}
                </Anchor>
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Panel>
  );
}

function Policies({ policies }: { policies: FindingDetail['policies'] }) {
  return (
    <Panel title="Policies for it" id="policies">
      {policies.length === 0 ? (
        <Text size="sm" c="dimmed">
          None. A suggestion follows a finding within seconds where a collector can do something about it.
        </Text>
      ) : (
        <List size="sm" listStyleType="none" spacing={4}>
          {policies.map(({ id, title, version, state }) => (
            <List.Item key={`${id} ${version}`}>
              <PageLink to={`/policies?id=${id}`}>
                <Name>{title}</Name>
              </PageLink>{' '}
              <PolicyStateTag state={state} />
            </List.Item>
          ))}
        </List>
      )}
    </Panel>
  );
}
