import { SimpleGrid, Text } from '@mantine/core';
import type { Status } from '../../edge/serve/contract.js';
import { ConnectCard } from '../components/connect-card.js';
import { Figures } from '../components/figures.js';
import { Loaded } from '../components/loaded.js';
import { OverviewCosts } from '../components/overview-costs.js';
import { MostSevereFindings, OpenFindings } from '../components/overview-findings.js';
import { Page, Panel } from '../components/page.js';
import { Name, PageLink, Time } from '../components/text.js';
import { formatCost, formatCount, plural } from '../format.js';
import { useCosts, useStatus, useSuggestions } from '../queries.js';

const TITLES_SHOWN = 5;

export function OverviewPage() {
  const status = useStatus();
  return (
    <Page title="Overview">
      <Loaded query={status} what="the status">
        {(data) => (data.last_span_at === null ? <ConnectCard otlp={data.otlp} /> : <Summary status={data} />)}
      </Loaded>
    </Page>
  );
}

function Summary({ status }: { status: Status }) {
  return (
    <>
      <StatusFigures status={status} />
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="md">
        <OpenFindings status={status} />
        <Suggestions count={status.suggested_policies} />
        <OverviewCosts />
      </SimpleGrid>
      <MostSevereFindings />
      <Text size="xs" c="dimmed">
        spanwarden {status.version} · {plural(status.detectors, 'detector')} ·{' '}
        {status.pattern_engine === 're2'
          ? 'RE2'
          : 'RE2 in JavaScript, which is slower: the package re2 is not installed'}
      </Text>
    </>
  );
}

function StatusFigures({ status }: { status: Status }) {
  const { data: costs } = useCosts('team');
  const figures = [
    { name: 'Spans, last 7 days', value: formatCount(status.spans_7d), note: plural(status.services, 'service') },
    {
      name: 'Cost, last 7 days',
      value: costs === undefined ? '…' : formatCost(costs.total.cost, costs.currency),
      note: costs !== undefined && !costs.price_model.confirmed ? 'price model unconfirmed' : costs?.price_model.name,
    },
    {
      name: 'Last spans received',
      value: <Time iso={status.last_span_at!} age />,
      note: <Time iso={status.last_span_at!} />,
    },
  ];
  return <Figures figures={figures} />;
}

/** Policies that wait for somebody to look at them. */
function Suggestions({ count }: { count: number }) {
  const suggestions = useSuggestions();
  return (
    <Panel title="Suggested policies" id="suggestions" aside={<PageLink to="/policies">Policies</PageLink>}>
      <Loaded query={suggestions} what="the policies" lines={4}>
        {({ data }) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed">
              None waits for approval.
            </Text>
          ) : (
            <>
              <Text size="sm" mb={6}>
                <b>{formatCount(count)}</b> wait for approval
              </Text>
              <SuggestionList titles={data.slice(0, TITLES_SHOWN)} />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function SuggestionList({ titles }: { titles: readonly { id: string; title: string }[] }) {
  return (
    <ul style={{ margin: 0, paddingInlineStart: 18, fontSize: 'var(--mantine-font-size-sm)' }}>
      {titles.map(({ id, title }) => (
        <li key={id}>
          <PageLink to={`/policies?id=${id}`}>
            <Name>{title}</Name>
          </PageLink>
        </li>
      ))}
    </ul>
  );
}
