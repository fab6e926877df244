import { Button, Group, NativeSelect, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { Policy, SimulationDetail } from '../../edge/serve/contract.js';
import { ErrorText, Loaded } from './loaded.js';
import { ErrorNote } from './note.js';
import { RoleHint, useMay } from './roles.js';
import styles from './simulation.module.css';
import { SimulationProgress } from './simulation-progress.js';
import { useNewestSimulation, useStart } from './simulation-queries.js';
import { SimulationResult } from './simulation-result.js';
import { Time } from './text.js';

const DURATIONS = [
  { value: '60', label: '1 minute' },
  { value: '600', label: '10 minutes' },
  { value: '3600', label: '1 hour' },
];
const DEFAULT = '600';

/** What a policy would do to the spans that come in: how far a simulation is, what it shows, and a way to start one. */
export function SimulationPanel({ policy }: { readonly policy: Policy }) {
  const simulation = useNewestSimulation(policy.id);
  const heading = `simulation-${policy.id}`;
  return (
    <section className={styles.panel} aria-labelledby={heading}>
      <Stack gap="sm">
        <Title order={3} id={heading}>
          Simulation on live spans
        </Title>
        <Loaded query={simulation} what="the simulation" lines={3}>
          {(data) => <Simulated policy={policy} simulation={data} />}
        </Loaded>
      </Stack>
    </section>
  );
}

function Simulated({ policy, simulation }: { policy: Policy; simulation: SimulationDetail | null }) {
  const isRunning = simulation?.state === 'running';
  const may = useMay();
  return (
    <>
      <Standing policy={policy} simulation={simulation} />
      {isRunning && <SimulationProgress simulation={simulation} />}
      {simulation !== null && <SimulationResult simulation={simulation} action={policy.action.kind} />}
      {!isRunning && may('editor') && <StartForm policy={policy} isFirst={simulation === null} />}
      <RoleHint needs={{ editor: 'Starting and stopping simulations' }} />
    </>
  );
}

/** Says when it is over, to those who cannot see it too. */
function Standing({ policy, simulation }: { policy: Policy; simulation: SimulationDetail | null }) {
  return (
    <div role="status">
      {simulation === null && (
        <Text size="sm">
          Runs the policy on the spans that come in, beside their analysis, and says what it would change or drop.
          Nothing reaches a collector.
        </Text>
      )}
      {simulation?.state === 'running' && <Text size="sm">Simulation of version {simulation.version} is running.</Text>}
      {simulation?.state === 'done' && (
        <Text size="sm">
          Version {simulation.version}, ended <Time iso={simulation.ends_at} />: {ENDS[simulation.ended_by ?? 'time']}.
          {(simulation.version !== policy.version || !simulation.is_current) &&
            ' The policy changed since: simulate it again.'}
        </Text>
      )}
    </div>
  );
}

const ENDS: Readonly<Record<NonNullable<SimulationDetail['ended_by']>, string>> = {
  time: 'its time was over',
  limit: 'enough spans were looked at',
  stopped: 'it was stopped',
};

function StartForm({ policy, isFirst }: { policy: Policy; isFirst: boolean }) {
  const [seconds, setSeconds] = useState(DEFAULT);
  const start = useStart(policy.id);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate(Number(seconds));
      }}
    >
      <Stack gap="xs">
        <Group gap="xs" align="flex-end">
          <NativeSelect
            size="xs"
            label="At most"
            data={DURATIONS}
            value={seconds}
            onChange={(event) => setSeconds(event.currentTarget.value)}
          />
          <Button size="xs" type="submit" loading={start.isPending} variant={isFirst ? 'filled' : 'default'}>
            {isFirst ? 'Start simulation' : 'Simulate again'}
          </Button>
        </Group>
        {start.error !== null && (
          <ErrorNote title="Not started">
            <ErrorText error={start.error} />
          </ErrorNote>
        )}
      </Stack>
    </form>
  );
}
