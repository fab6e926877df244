import { Text } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { LOCATION_NAMES } from './places.js';
import styles from './policy-card.module.css';
import { CodeName, Name, PageLink, Time } from './text.js';

const DECIDED: Readonly<Partial<Record<Policy['state'], string>>> = {
  rolled_back: 'rolled back',
  rejected: 'rejected',
};

/** Where a policy acts, on which services, and who wrote and decided it. */
export function PolicyPlace({ policy }: { policy: Policy }) {
  const { services, location, key, findings, version, created_at, decided_at, decided_by, author } = policy;
  const isSampling = policy.action.kind === 'sample';
  return (
    <Text size="xs" c="dimmed" component="div" className={styles.facts}>
      {!isSampling && (
        <span>
          {LOCATION_NAMES[location]} <CodeName>{key}</CodeName>
        </span>
      )}
      {services.length === 0 ? (
        <span>all services</span>
      ) : (
        <span>
          {services.length === 1 ? 'service' : plural(services.length, 'service')}: <Name>{services.join(', ')}</Name>
        </span>
      )}
      {findings.length > 0 && <PageLink to={findingsOf(policy)}>{plural(findings.length, 'finding')}</PageLink>}
      <span>version {version}</span>
      {policy.policy_set !== 'default' && (
        <span>
          set <Name>{policy.policy_set}</Name>
        </span>
      )}
      <span>
        {author === 'spanwarden' ? 'suggested' : 'written'} <Time iso={created_at} />
        {author !== 'spanwarden' && (
          <>
            {' '}
            by <Name>{author}</Name>
          </>
        )}
      </span>
      {decided_at !== null && (
        <span>
          {DECIDED[policy.state] ?? 'approved'} <Time iso={decided_at} />{' '}
          {decided_by !== null && (
            <>
              by <Name>{decided_by}</Name>
            </>
          )}
        </span>
      )}
    </Text>
  );
}

/** The list of findings that the policy answers; those of span names stand under the form of the name. */
function findingsOf({ location, key, action }: Policy): string {
  const query = new URLSearchParams({ location, key: action.kind === 'template' ? action.template : key });
  return `/findings?${query}`;
}
