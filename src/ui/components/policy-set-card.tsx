import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { PolicySet } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { durationOf } from './approval.js';
import { Facts } from './figures.js';
import { LabelList, labelsOf } from './labels.js';
import { WarningNote } from './note.js';
import styles from './policy-card.module.css';
import { usePolicyTitles } from './policy-set-queries.js';
import { useMay } from './roles.js';
import { CodeForm, Name, PageLink, Time } from './text.js';

interface Props {
  readonly set: PolicySet;
  readonly onEdit: () => void;
}

/** A set: who gets it, its stages and switches, what is in it, and what gets in the way of what. */
export function PolicySetCard({ set, onEdit }: Props) {
  const may = useMay();
  const { name, description, author, updated_at: at } = set;
  return (
    <article className={styles.card} aria-label={`Policy set ${name}`}>
      <Stack gap={10}>
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} className={styles.title}>
            <Name>{name}</Name>
          </Title>
          {may('admin') && (
            <Button size="compact-sm" variant="default" onClick={onEdit} aria-label={`Edit policy set ${name}`}>
              Edit …
            </Button>
          )}
        </Group>
        {description !== '' && (
          <Text size="sm">
            <Name>{description}</Name>
          </Text>
        )}
        <Facts facts={factsOf(set)} />
        <Members set={set} />
        <Conflicts set={set} />
        {author !== null && at !== null && (
          <Text size="xs" c="dimmed">
            Set up by <Name>{author}</Name>, <Time iso={at} />
          </Text>
        )}
      </Stack>
    </article>
  );
}

function factsOf(set: PolicySet) {
  const { labels, stages, soak_seconds: soak, revision } = set;
  return [
    { name: 'Collectors under OpAMP with', value: <LabelList labels={labels} none="all that no other set is for" /> },
    {
      name: 'Stages',
      value: (
        <ol className={styles.stages}>
          {stages.map((stage) => (
            <li key={stage.name}>
              <Name>{stage.name}</Name>: {labelsOf(stage.labels).join(', ') || 'all collectors'}
            </li>
          ))}
        </ol>
      ),
    },
    { name: 'A stage lasts at least', value: durationOf(soak) },
    {
      name: 'The next stage begins',
      value: set.advance === 'auto' ? 'when this one is proved' : 'when somebody says so',
    },
    {
      name: 'What loses data is approved by',
      value: set.two_persons ? 'somebody else than wrote it' : 'anybody who may',
    },
    { name: 'What loses data is simulated first', value: set.simulate_first ? 'yes' : 'no' },
    { name: 'Spans say which policies they passed', value: set.mark_revision ? 'yes' : 'no' },
    { name: 'Revision', value: <CodeForm>{revision}</CodeForm> },
  ];
}

function Members({ set: { policies } }: { set: PolicySet }) {
  const titles = usePolicyTitles();
  if (policies.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        No policy is in force for collectors without labels.
      </Text>
    );
  }
  return (
    <details>
      <summary className={styles.summary}>
        {plural(policies.length, 'policy', 'policies')} for collectors without labels
      </summary>
      <ul className={styles.members}>
        {policies.map(({ id, version }) => (
          <li key={id}>
            <PageLink to={`/policies?id=${id}`}>
              <Name>{titles.get(id) ?? id}</Name>
            </PageLink>
            , version {version}
          </li>
        ))}
      </ul>
    </details>
  );
}

function Conflicts({ set: { conflicts } }: { set: PolicySet }) {
  const titles = usePolicyTitles();
  if (conflicts.length === 0) return null;
  return (
    <WarningNote title={plural(conflicts.length, 'conflict')}>
      <ul className={styles.members}>
        {conflicts.map(({ what, remedy, policies }) => (
          <li key={`${what} ${policies.join(' ')}`}>
            {what} <strong>{remedy}</strong>{' '}
            {policies.map((id, i) => (
              <span key={id}>
                {i > 0 && ', '}
                <PageLink to={`/policies?id=${id}`}>
                  <Name>{titles.get(id) ?? id}</Name>
                </PageLink>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </WarningNote>
  );
}
