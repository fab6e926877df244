import type { Attribute } from '../../edge/serve/contract.js';
import { visible } from '../format.js';
import { useCosts, useOwners } from '../queries.js';
import type { Choice } from './filters.js';
import { CodeName, Name } from './text.js';

export type Location = Attribute['location'];

export const LOCATION_NAMES: Readonly<Record<Location, string>> = {
  resource: 'resource attribute',
  scope: 'scope attribute',
  span: 'span attribute',
  event: 'event attribute',
  link: 'link attribute',
  span_name: 'span name',
  status: 'status message',
};

/** The same where there is a header that says what they are. */
export const SHORT_LOCATION_NAMES: Readonly<Record<Location, string>> = {
  resource: 'resource',
  scope: 'scope',
  span: 'span',
  event: 'event',
  link: 'link',
  span_name: 'span name',
  status: 'status',
};

/** What stands in lists for the environment of spans that name none. */
export const NO_ENVIRONMENT = '(none)';

interface PlaceProps {
  readonly location: Location;
  readonly attributeKey: string;
  readonly component?: string;
}

/** Where in a span something stands: location, key and, in a map or list, which part of it. */
export function Place({ location, attributeKey, component = '' }: PlaceProps) {
  return (
    <>
      <CodeName>{component === '' ? attributeKey : `${attributeKey} › ${component}`}</CodeName>
      <br />
      <small>{LOCATION_NAMES[location]}</small>
    </>
  );
}

/** A service with its environment below. */
export function Service({ service, environment }: { service: string; environment: string }) {
  return (
    <>
      <Name>{service}</Name>
      <br />
      <small>{environment === '' ? 'no environment' : <Name>{environment}</Name>}</small>
    </>
  );
}

/** Services and environments that have sent spans, and teams that own some, to choose from. */
export function usePlaces(): { services: Choice[]; environments: Choice[]; teams: Choice[] } {
  const owners = useOwners();
  const costs = useCosts('environment');
  const choices = (names: readonly string[]): Choice[] => names.map((value) => ({ value, label: visible(value) }));
  return {
    services: choices(owners.data?.data.map(({ service }) => service) ?? []),
    teams: choices([...new Set(owners.data?.data.map(({ team }) => team) ?? [])].sort()),
    environments: choices((costs.data?.rows.map(({ group }) => group || NO_ENVIRONMENT) ?? []).sort()),
  };
}

/** What the API takes for an environment that was chosen. */
export function environmentOf(chosen: string | undefined): string | undefined {
  return chosen === NO_ENVIRONMENT ? '' : chosen;
}
