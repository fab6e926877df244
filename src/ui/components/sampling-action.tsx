import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Policy, SamplingRates } from '../../edge/serve/contract.js';
import { get } from '../api.js';
import { formatCount, formatShare, plural } from '../format.js';
import { CodeName, Name, Time } from './text.js';

type Action = Extract<Policy['action'], { kind: 'sample' }>;
type Rate = Action['operations'][number];

/** Operations that are shown: those that are thinned most. */
const SHOWN = 5;
const REFRESH_MS = 30_000;

const DECIDES: Readonly<Record<Action['stage'], string>> = {
  sdk: 'SDKs decide when a trace begins, by Jaeger remote sampling.',
  collector: 'Collectors decide by the trace id alone.',
  tail: 'Collectors decide when a trace is complete.',
};

/** What a sampling policy keeps: always, of each operation, and within which budget. */
export function SamplingAction({ policy, action }: { policy: Policy; action: Action }) {
  const isLive = action.adaptive && (policy.state === 'approved' || policy.state === 'active');
  const { data: rates } = useQuery({
    queryKey: ['policies', 'sampling-rates', policy.id],
    queryFn: () => get<SamplingRates>(`/sampling/policies/${policy.id}`),
    enabled: isLive,
    refetchInterval: REFRESH_MS,
  });
  const { operations, otherwise } = rates ?? action;
  const lowest = [...operations].sort((a, b) => a.probability - b.probability);
  const kept = keptAlways(action);
  return (
    <Stack gap={2} component="section" aria-label="What the policy keeps">
      <Text size="sm">
        {DECIDES[action.stage]} {kept.length > 0 && `Always kept: ${kept.join(', ')}.`}
      </Text>
      <ul style={{ margin: 0, paddingInlineStart: 20 }}>
        {lowest.slice(0, SHOWN).map((rate) => (
          <OperationRate key={`${rate.service} ${rate.operation}`} rate={rate} />
        ))}
        <Text size="sm" component="li">
          {formatShare(otherwise)} of {operations.length > 0 ? 'other operations' : 'all operations'}
          {operations.length > SHOWN && `; ${plural(operations.length - SHOWN, 'more operation')} in the configuration`}
        </Text>
      </ul>
      <Text size="xs" c="dimmed">
        {action.budget !== null && `Budget: ${budgetOf(action.budget)}. `}
        {action.adaptive
          ? `Probabilities follow the traffic, between ${formatShare(action.floor)} and 100 %.`
          : 'Probabilities stay as they are.'}
        {rates?.since != null && (
          <>
            {' '}
            Changed <Time iso={rates.since} />.
          </>
        )}
        {rates !== undefined && rates.reason !== '' && <> Last look: {rates.reason}.</>}
      </Text>
    </Stack>
  );
}

function OperationRate({ rate: { service, operation, probability } }: { rate: Rate }) {
  return (
    <Text size="sm" component="li">
      {formatShare(probability)} of <CodeName>{operation}</CodeName> of <Name>{service}</Name>
    </Text>
  );
}

function keptAlways({ keep: { errors, slowerThanMs, critical } }: Action): string[] {
  return [
    ...(errors ? ['traces with errors'] : []),
    ...(slowerThanMs === null ? [] : [`traces longer than ${formatCount(slowerThanMs)} ms`]),
    ...(critical.length === 0 ? [] : [`traces through ${plural(critical.length, 'critical route')}`]),
  ];
}

function budgetOf(budget: NonNullable<Action['budget']>): string {
  if (budget.kind === 'spans_per_second') return `${formatCount(budget.amount)} spans a second`;
  if (budget.kind === 'gigabytes_per_day') return `${formatCount(budget.amount)} GB a day`;
  return `${formatCount(budget.amount)} a month in the currency of ${budget.priceModel}`;
}
