import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import type { SimulationDetail } from '../../edge/serve/contract.js';
import { formatCount, plural } from '../format.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { useMay } from './roles.js';
import { useStop } from './simulation-queries.js';

/** How far a simulation is, by spans and by time, with a way to end it. */
export function SimulationProgress({ simulation }: { readonly simulation: SimulationDetail }) {
  const { id, policy_id, progress } = simulation;
  const stop = useStop(policy_id);
  const may = useMay();
  const text = `${formatCount(progress.spans)} of ${plural(progress.max_spans, 'span')}, ${leftOf(progress.seconds_left)}`;
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm">{text}</Text>
        {may('editor') && (
          <Button size="compact-sm" variant="default" loading={stop.isPending} onClick={() => stop.mutate(id)}>
            Stop simulation
          </Button>
        )}
      </Group>
      <Progress size="sm" value={Math.round(100 * progress.share)} aria-label="Progress of the simulation" />
      {progress.skipped_requests > 0 && (
        <Text size="xs" c="dimmed">
          {plural(progress.skipped_requests, 'request')} passed over: analysis comes first.
        </Text>
      )}
      {stop.error !== null && (
        <ErrorNote title="Not stopped">
          <ErrorText error={stop.error} />
        </ErrorNote>
      )}
    </Stack>
  );
}

function leftOf(seconds: number): string {
  if (seconds === 0) return 'ending';
  return seconds < 90 ? `${plural(seconds, 'second')} left` : `${plural(Math.round(seconds / 60), 'minute')} left`;
}
