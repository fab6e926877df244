import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Policy } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { CodeBlock } from './code-block.js';
import { LOCATION_NAMES } from './places.js';
import styles from './policy-card.module.css';
import { PolicyStateTag } from './policy-state.js';
import { SamplingAction } from './sampling-action.js';
import { CodeName, Name, PageLink, Time } from './text.js';
import { Unsupported } from './unsupported.js';

interface Props {
  readonly policy: Policy;
  readonly onDecide: (policy: Policy) => void;
  readonly isOpen?: boolean;
}

/** A policy: what it does, why, to which services, and its configuration. */
export function PolicyCard({ policy, onDecide, isOpen = false }: Props) {
  const [opened, { toggle }] = useDisclosure(isOpen);
  const { title, preview, unsupported } = policy;
  return (
    <article className={styles.card} aria-label={title}>
      <Stack gap={8}>
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} className={styles.title}>
            <Name>{title}</Name>
          </Title>
          <PolicyStateTag state={policy.state} />
        </Group>
        <Text size="sm">
          <Name>{policy.reason}</Name>
        </Text>
        {policy.action.kind === 'sample' && <SamplingAction policy={policy} action={policy.action} />}
        <Place policy={policy} />
        <Unsupported reasons={unsupported} />
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={toggle}
            aria-expanded={opened}
            aria-label={`${opened ? 'Hide' : 'Show'} configuration of: ${title}`}
          >
            {opened ? 'Hide' : 'Show'} configuration
          </Button>
          {policy.state === 'suggested' && (
            <Button size="compact-sm" onClick={() => onDecide(policy)} aria-label={`Approve: ${title}`}>
              Approve …
            </Button>
          )}
          {policy.state === 'approved' && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => onDecide(policy)}
              aria-label={`Roll back: ${title}`}
            >
              Roll back …
            </Button>
          )}
        </Group>
        {opened && <CodeBlock label={`Collector configuration of policy ${policy.id}`} code={preview} />}
      </Stack>
    </article>
  );
}

function Place({ policy }: { policy: Policy }) {
  const { services, location, key, findings, version, created_at, decided_at, decided_by } = policy;
  const isSampling = policy.action.kind === 'sample';
  const decision = policy.state === 'rolled_back' ? 'rolled back' : 'approved';
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
      {!isSampling && <PageLink to={findingsOf(policy)}>{plural(findings.length, 'finding')}</PageLink>}
      <span>version {version}</span>
      {decided_at === null ? (
        <span>
          suggested <Time iso={created_at} />
        </span>
      ) : (
        <span>
          {decision} <Time iso={decided_at} /> {decided_by !== null && <>by {decided_by}</>}
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
