import { List, SimpleGrid, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useSearchParams } from 'wouter';
import type { AttributeCard } from '../../edge/serve/contract.js';
import { ApiError } from '../api.js';
import { CodeBlock } from '../components/code-block.js';
import { type Column, DataTable } from '../components/data-table.js';
import { Facts, type Figure } from '../components/figures.js';
import { KIND_NAMES } from '../components/finding-columns.js';
import { GrowthTag } from '../components/growth.js';
import { Loaded } from '../components/loaded.js';
import { NamingProblems } from '../components/naming-problems.js';
import { Nothing, Page, Panel } from '../components/page.js';
import { LOCATION_NAMES, Service } from '../components/places.js';
import { PolicyStateTag } from '../components/policy-state.js';
import { Severity } from '../components/severity.js';
import { CodeForm, CodeName, Name, PageLink } from '../components/text.js';
import { formatBytes, formatCost, formatCount, formatDate, formatEstimate, formatShare, visible } from '../format.js';
import { useAttributeCard } from '../queries.js';

type Suggestion = AttributeCard['suggestions'][number];
type Day = AttributeCard['days'][number];
type Emitter = AttributeCard['emitters'][number];

const ACTIONS: Readonly<Record<Suggestion['action'], string>> = {
  drop: 'Drop it',
  hash: 'Hash it',
  truncate: 'Cut it',
  template: 'Put a template in its place',
  move_to_resource: 'Move it to the resource',
};

const BUDGET_SOURCES = {
  set: 'set by a person',
  class: 'the default of its class',
  convention: 'the default for keys of few values',
} as const;

const DAY_COLUMNS: readonly Column<Day>[] = [
  { header: 'Day (UTC)', rowHeader: true, cell: ({ day }) => formatDate(day) },
  { header: 'Observations', numeric: true, cell: ({ observations }) => formatCount(observations) },
  { header: 'New values', numeric: true, cell: ({ new_values }) => formatCount(new_values) },
  {
    header: 'Distinct so far',
    numeric: true,
    cell: ({ distinct }) => formatEstimate(distinct.estimate, distinct.standard_error),
  },
];

const EMITTER_COLUMNS: readonly Column<Emitter>[] = [
  {
    header: 'Service',
    rowHeader: true,
    cell: ({ service, environment }) => <Service service={service} environment={environment} />,
  },
  { header: 'Team', cell: ({ team }) => <Name>{team}</Name> },
  { header: 'Location', cell: ({ location }) => LOCATION_NAMES[location] },
  { header: 'Observations', numeric: true, cell: ({ observations }) => formatCount(observations) },
  { header: 'Bytes', numeric: true, cell: ({ bytes }) => formatBytes(bytes) },
];

export function AttributeDetailPage() {
  const [params] = useSearchParams();
  const [service, key] = [params.get('service') ?? '', params.get('key') ?? ''];
  const card = useAttributeCard(service, key, {
    environment: params.get('environment') ?? undefined,
    location: params.get('location') ?? undefined,
  });
  const isUnknown = card.error instanceof ApiError && card.error.status === 404;
  return (
    <Page title={visible(key) || 'Attribute'} about={<PageLink to="/attributes">← All attributes</PageLink>}>
      {isUnknown ? (
        <Nothing title="There is no such attribute">No span of the last 7 days has it.</Nothing>
      ) : (
        <Loaded query={card} what="the attribute">
          {(data) => <Detail card={data} />}
        </Loaded>
      )}
    </Page>
  );
}

function Detail({ card }: { card: AttributeCard }) {
  return (
    <>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <Panel title="What it is" id="meaning">
          <Facts facts={meaningOf(card)} />
        </Panel>
        <Panel title="Values and cost" id="values">
          <Facts facts={valuesOf(card)} />
        </Panel>
      </SimpleGrid>
      <Panel title="What to do" id="suggestions">
        <Suggestions card={card} />
      </Panel>
      <Panel title="Values by day" id="days">
        <DataTable caption="Values by day" columns={DAY_COLUMNS} rows={card.days} keyOf={({ day }) => day} />
      </Panel>
      <Panel title="Who sends it" id="emitters">
        <DataTable
          caption="Services that have the key"
          columns={EMITTER_COLUMNS}
          rows={card.emitters}
          keyOf={({ service, environment, location }) => JSON.stringify([service, environment, location])}
        />
      </Panel>
    </>
  );
}

function meaningOf(card: AttributeCard): Figure[] {
  const { meaning, sensitivity } = card;
  const deprecated = meaning?.deprecated;
  return [
    { name: 'Service', value: <Name>{card.service}</Name> },
    { name: 'Team', value: <Name>{card.team}</Name> },
    {
      name: 'Convention',
      value: (
        <Noted note={meaning?.brief ?? ''}>
          {meaning === null ? 'none knows the key' : `${meaning.registry}, ${meaning.stability}`}
          {meaning?.low_cardinality && ', of low cardinality'}
        </Noted>
      ),
    },
    ...(deprecated
      ? [
          {
            name: 'Deprecated',
            value: `${deprecated.reason}${deprecated.renamed_to ? `: use ${deprecated.renamed_to}` : ''}`,
          },
        ]
      : []),
    { name: 'Its name', value: card.naming.length === 0 ? 'nothing wrong' : <NamingProblems attribute={card} /> },
    { name: 'Sensitive by its key', value: sensitivity.class === null ? 'no' : sensitivity.class.name },
    { name: 'Found in it', value: <FoundInIt card={card} /> },
    { name: 'Other findings', value: <Others card={card} /> },
  ];
}

function valuesOf(card: AttributeCard): Figure[] {
  const { distinct, growth, budget, cost, cost_per_month: month } = card;
  return [
    { name: 'Distinct values', value: formatEstimate(distinct.estimate, distinct.standard_error) },
    {
      name: 'Growth',
      value: (
        <Noted note={growth.reason}>
          <GrowthTag growth={growth.class} />
        </Noted>
      ),
    },
    {
      name: 'Budget',
      value:
        budget === null ? (
          'none'
        ) : (
          <Noted note={BUDGET_SOURCES[budget.source]}>
            {formatCount(budget.max_distinct)} in 7 days{budget.crossed && ', crossed'}
          </Noted>
        ),
    },
    { name: 'Observations', value: formatCount(card.observations) },
    ...(card.share_of_spans === null ? [] : [{ name: 'Of the spans', value: formatShare(card.share_of_spans) }]),
    { name: 'Types', value: card.types.join(', ') + (card.type_conflict ? ' (conflict)' : '') },
    { name: 'Forms of values', value: <Shapes shapes={card.shapes} /> },
    { name: 'Bytes', value: `${formatBytes(card.bytes)}, ${formatShare(card.share_of_bytes)} of the service` },
    { name: 'Cost', value: formatCost(cost.amount, cost.currency) },
    { name: 'Cost a month, at this rate', value: formatCost(month.amount, month.currency) },
  ];
}

function Noted({ children, note }: { children: ReactNode; note: string }) {
  return (
    <Stack gap={2}>
      <span>{children}</span>
      {note !== '' && (
        <Text size="xs" c="dimmed">
          {note}
        </Text>
      )}
    </Stack>
  );
}

function Shapes({ shapes }: { shapes: readonly string[] }) {
  if (shapes.length === 0) return 'none kept';
  return (
    <List size="sm" listStyleType="none">
      {shapes.map((shape) => (
        <List.Item key={shape}>
          <CodeForm>{shape}</CodeForm>
        </List.Item>
      ))}
    </List>
  );
}

function FoundInIt({ card }: { card: AttributeCard }) {
  const { findings } = card.sensitivity;
  if (findings.length === 0) return 'nothing';
  return (
    <List size="sm" listStyleType="none">
      {findings.map(({ id, kind, detector, severity, occurrences }) => (
        <List.Item key={id}>
          <Severity level={severity} />{' '}
          <PageLink to={`/findings/${id}`}>
            <CodeName>{detector}</CodeName>
          </PageLink>{' '}
          {KIND_NAMES[kind]}, {formatCount(occurrences)}×
        </List.Item>
      ))}
    </List>
  );
}

function Others({ card }: { card: AttributeCard }) {
  if (card.findings.length === 0) return 'none';
  return (
    <List size="sm" listStyleType="none">
      {card.findings.map(({ id, name, severity }) => (
        <List.Item key={id}>
          <Severity level={severity} /> <PageLink to={`/findings/${id}`}>{name}</PageLink>
        </List.Item>
      ))}
    </List>
  );
}

function Suggestions({ card }: { card: AttributeCard }) {
  const { suggestions, policies } = card;
  return (
    <Stack gap="sm">
      {suggestions.length === 0 && policies.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing: what is known of it gives no reason to change it.
        </Text>
      )}
      {suggestions.map((suggestion) => (
        <OneSuggestion key={`${suggestion.location} ${suggestion.action}`} suggestion={suggestion} />
      ))}
      {policies.map(({ id, title, version, state }) => (
        <Text size="sm" key={`${id} ${version}`}>
          Policy:{' '}
          <PageLink to={`/policies?id=${id}`}>
            <Name>{title}</Name>
          </PageLink>{' '}
          <PolicyStateTag state={state} />
        </Text>
      ))}
    </Stack>
  );
}

function OneSuggestion({ suggestion }: { suggestion: Suggestion }) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const { action, location, reason, saves_per_month: saves, collector } = suggestion;
  const saved =
    saves.bytes === 0 ? '' : ` Saves ${formatBytes(saves.bytes)} a month, ${formatCost(saves.amount, saves.currency)}.`;
  return (
    <section aria-label={ACTIONS[action]}>
      <Text size="sm">
        <strong>{ACTIONS[action]}</strong> ({LOCATION_NAMES[location]}). {reason}
        {saved}
      </Text>
      {collector !== null && (
        <details open={isOpen} onToggle={({ currentTarget }) => currentTarget.open !== isOpen && toggle()}>
          <summary>Collector configuration</summary>
          {isOpen && <CodeBlock label={`Collector configuration: ${ACTIONS[action]}`} code={collector} />}
        </details>
      )}
    </section>
  );
}
