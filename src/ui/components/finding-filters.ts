import { useMemo } from 'react';
import type { Query } from '../api.js';
import type { Choice, Filter } from './filters.js';
import { KIND_NAMES } from './finding-columns.js';
import { RESOLUTION_NAMES, STATE_NAMES, SUBSTATE_NAMES } from './finding-state.js';
import { SEVERITIES } from './overview-findings.js';
import { environmentOf, LOCATION_NAMES, usePlaces } from './places.js';
import { SEVERITY_NAMES } from './severity.js';

/** Names of the filters in the address of the page. */
export const FILTER_NAMES = [
  'q',
  'state',
  'substate',
  'resolution',
  'severity',
  'kind',
  'confidence',
  'family',
  'detector',
  'service',
  'environment',
  'team',
  'location',
  'key',
  'seen',
  'sort',
] as const;
type FilterName = (typeof FILTER_NAMES)[number];
export type FilterValues = Readonly<Partial<Record<FilterName, string>>>;

const ALL = 'all';
const HOUR_MS = 3_600_000;
const SEEN: Readonly<Record<string, { label: string; hours: number }>> = {
  '1h': { label: 'Last hour', hours: 1 },
  '24h': { label: 'Last 24 hours', hours: 24 },
  '7d': { label: 'Last 7 days', hours: 7 * 24 },
  '30d': { label: 'Last 30 days', hours: 30 * 24 },
};
const CONFIDENCES = { high: 'High', other: 'Needs a look' };
const SORTS = { severity: 'Most severe first', '-occurrences': 'Most frequent first' };

/** What the API is asked for. Without a state that is all that is not resolved. */
export function useFindingQuery({ state, environment, seen, ...rest }: FilterValues): Query {
  const after = useMemo(() => {
    const hours = SEEN[seen ?? '']?.hours;
    return hours === undefined ? undefined : new Date(Date.now() - hours * HOUR_MS).toISOString();
  }, [seen]);
  return {
    ...rest,
    state: state === ALL ? undefined : (state ?? 'unresolved'),
    environment: environmentOf(environment),
    seen_after: after,
  };
}

/** The choices above the list. Some are chosen by a link to the page, and shown only then. */
export function useFindingFilters(values: FilterValues): Filter[] {
  const { services, environments, teams } = usePlaces();
  const byLink = (name: FilterName, label: string, choices: readonly Choice[] = []): Filter[] =>
    values[name] === undefined ? [] : [{ name, label, choices }];
  return [
    { name: 'state', label: 'State', choices: choices({ ...STATE_NAMES, [ALL]: 'All' }), otherwise: 'Not resolved' },
    { name: 'substate', label: 'Substate', choices: choices(SUBSTATE_NAMES) },
    ...(values.state === 'resolved' || values.resolution !== undefined
      ? [{ name: 'resolution', label: 'Resolution', choices: choices(RESOLUTION_NAMES) }]
      : []),
    {
      name: 'severity',
      label: 'Severity',
      choices: SEVERITIES.map((value) => ({ value, label: SEVERITY_NAMES[value] })),
    },
    { name: 'kind', label: 'Kind', choices: choices(KIND_NAMES) },
    { name: 'confidence', label: 'Confidence', choices: choices(CONFIDENCES) },
    { name: 'service', label: 'Service', choices: services },
    { name: 'environment', label: 'Environment', choices: environments },
    { name: 'team', label: 'Team', choices: teams },
    {
      name: 'seen',
      label: 'Last seen',
      choices: Object.entries(SEEN).map(([value, { label }]) => ({ value, label })),
      otherwise: 'Any time',
    },
    ...byLink('family', 'Family'),
    ...byLink('detector', 'Detector'),
    ...byLink('location', 'Location', choices(LOCATION_NAMES)),
    ...byLink('key', 'Key'),
    { name: 'sort', label: 'Order', choices: choices(SORTS), otherwise: 'Latest first' },
  ];
}

function choices(names: Readonly<Record<string, string>>): Choice[] {
  return Object.entries(names).map(([value, label]) => ({ value, label }));
}
