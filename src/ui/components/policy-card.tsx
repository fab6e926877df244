import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Policy } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { CodeBlock } from './code-block.js';
import { LOCATION_NAMES } from './places.js';
import styles from './policy-card.module.css';
import { DECISIONS, type Decision, decisionsOn } from './policy-decisions.js';
import { PolicyRollout } from './policy-rollout.js';
import { PolicyStateTag } from './policy-state.js';
import { SamplingAction } from './sampling-action.js';
import { SimulationPanel } from './simulation-panel.js';
import { CodeName, Name, PageLink, Time } from './text.js';
import { Unsupported } from './unsupported.js';

interface Props {
  readonly policy: Policy;
  readonly onDecide: (policy: Policy, decision: Decision) => void;
  readonly isOpen?: boolean;
}

const SIMULATED: ReadonlySet<Policy['state']> = new Set(['draft', 'suggested', 'approved', 'active']);

/** A policy: what it does, why, to which services, and its configuration. */
export function PolicyCard({ policy, onDecide, isOpen = false }: Props) {
  const [opened, { toggle }] = useDisclosure(isOpen);
  const [simulates, { toggle: toggleSimulation }] = useDisclosure(false);
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
        <PolicyRollout policy={policy} />
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
          {SIMULATED.has(policy.state) && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={toggleSimulation}
              aria-expanded={simulates}
              aria-label={`${simulates ? 'Hide simulation of' : 'Simulate'}: ${title}`}
            >
              {simulates ? 'Hide simulation' : 'Simulate'}
            </Button>
          )}
          {decisionsOn(policy).map((decision) => (
            <Button
              key={decision}
              size="compact-sm"
              variant={DECISIONS[decision].isMain ? 'filled' : 'default'}
              onClick={() => onDecide(policy, decision)}
              aria-label={`${DECISIONS[decision].button}: ${title}`}
            >
              {DECISIONS[decision].button} …
            </Button>
          ))}
        </Group>
        {simulates && <SimulationPanel policy={policy} />}
        {opened && <CodeBlock label={`Collector configuration of policy ${policy.id}`} code={preview} />}
      </Stack>
    </article>
  );
}

const DECIDED: Readonly<Partial<Record<Policy['state'], string>>> = {
  rolled_back: 'rolled back',
  rejected: 'rejected',
};

function Place({ policy }: { policy: Policy }) {
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
      {!isSampling && <PageLink to={findingsOf(policy)}>{plural(findings.length, 'finding')}</PageLink>}
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
