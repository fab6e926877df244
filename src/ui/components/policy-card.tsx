import { Group, Stack, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Policy } from '../../edge/serve/contract.js';
import { CodeBlock } from './code-block.js';
import { PolicyConflicts, PolicyEvidence, PolicyProcessors } from './policy-basis.js';
import { CardButton, type PolicyActions, PolicyButtons } from './policy-buttons.js';
import styles from './policy-card.module.css';
import { PolicyPlace } from './policy-place.js';
import { PolicyRollout } from './policy-rollout.js';
import { PolicyStateTag } from './policy-state.js';
import { SamplingAction } from './sampling-action.js';
import { SimulationPanel } from './simulation-panel.js';
import { Name, PageLink } from './text.js';
import { Unsupported } from './unsupported.js';

interface Props {
  readonly policy: Policy;
  readonly actions: PolicyActions;
  /** On its own page: the title leads nowhere, and the configuration is in view. */
  readonly isOpen?: boolean;
}

const SIMULATED: ReadonlySet<Policy['state']> = new Set(['draft', 'suggested', 'approved', 'active']);

/** A policy: what it does, why, to which services, and its configuration. */
export function PolicyCard({ policy, actions, isOpen = false }: Props) {
  const [opened, { toggle }] = useDisclosure(isOpen);
  const [simulates, { toggle: toggleSimulation }] = useDisclosure(false);
  const { title, preview, unsupported } = policy;
  const name = <Name>{title}</Name>;
  return (
    <article className={styles.card} aria-label={title}>
      <Stack gap={8}>
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} className={styles.title}>
            {isOpen ? name : <PageLink to={`/policies?id=${policy.id}`}>{name}</PageLink>}
          </Title>
          <PolicyStateTag state={policy.state} />
        </Group>
        {policy.reason !== '' && (
          <Text size="sm">
            <Name>{policy.reason}</Name>
          </Text>
        )}
        {policy.action.kind === 'sample' && <SamplingAction policy={policy} action={policy.action} />}
        <PolicyEvidence policy={policy} />
        <PolicyPlace policy={policy} />
        <PolicyProcessors policy={policy} />
        <PolicyRollout policy={policy} />
        <Unsupported reasons={unsupported} />
        <PolicyConflicts policy={policy} />
        <Group gap="xs">
          <CardButton
            words={`${opened ? 'Hide' : 'Show'} configuration`}
            name={`${opened ? 'Hide' : 'Show'} configuration of: ${title}`}
            isExpanded={opened}
            onClick={toggle}
          />
          {SIMULATED.has(policy.state) && (
            <CardButton
              words={simulates ? 'Hide simulation' : 'Simulate'}
              name={`${simulates ? 'Hide simulation of' : 'Simulate'}: ${title}`}
              isExpanded={simulates}
              onClick={toggleSimulation}
            />
          )}
          <PolicyButtons policy={policy} actions={actions} />
        </Group>
        {simulates && <SimulationPanel policy={policy} />}
        {opened && <CodeBlock label={`Collector configuration of policy ${policy.id}`} code={preview} />}
      </Stack>
    </article>
  );
}
