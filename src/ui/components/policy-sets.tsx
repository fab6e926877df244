import { Button, Group, Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { PolicySet } from '../../edge/serve/contract.js';
import { Loaded } from './loaded.js';
import { PolicySetCard } from './policy-set-card.js';
import { usePolicySets } from './policy-set-queries.js';
import { useMay } from './roles.js';
import { Said } from './said.js';

const PolicySetDialog = lazy(() => import('./policy-set-dialog.js'));

/** All policy sets: who gets them, how they are rolled out, and what is in them. */
export function PolicySets() {
  const sets = usePolicySets();
  const may = useMay();
  const [opened, setOpened] = useState<{ readonly set: PolicySet | null } | null>(null);
  const [said, setSaid] = useState('');
  const close = (message: string): void => {
    setOpened(null);
    setSaid(message);
  };
  return (
    <Stack gap="sm">
      <div>
        <Said message={said} />
        <Group justify="space-between" gap="sm">
          <Text size="sm" c="dimmed" maw={620}>
            A set is what one group of collectors gets, and how. Roll-outs that are under way keep their stages.
          </Text>
          {may('admin') && (
            <Button size="xs" variant="default" onClick={() => setOpened({ set: null })}>
              Add a set
            </Button>
          )}
        </Group>
      </div>
      <Loaded query={sets} what="the policy sets">
        {(all) => all.map((set) => <PolicySetCard key={set.name} set={set} onEdit={() => setOpened({ set })} />)}
      </Loaded>
      <Suspense fallback={null}>
        {opened !== null && <PolicySetDialog set={opened.set} known={sets.data ?? []} onClose={close} />}
      </Suspense>
    </Stack>
  );
}
