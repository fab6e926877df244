import { Anchor, Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { AuditVerification } from '../../edge/serve/contract.js';
import { addressOf, get } from '../api.js';
import { formatCount, plural } from '../format.js';
import { useAuditCheckpoint } from '../queries.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { Panel } from './page.js';
import { Said } from './said.js';
import { Time } from './text.js';

/** When the log was verified last, a button that does it now, and what came out. */
export function AuditState() {
  const checkpoint = useAuditCheckpoint();
  const client = useQueryClient();
  const verify = useMutation({
    mutationFn: () => get<AuditVerification>('/audit/verify'),
    onSuccess: () => client.invalidateQueries({ queryKey: ['audit checkpoint'] }),
  });
  return (
    <Panel
      title="Is it whole?"
      id="audit-state"
      aside={
        <Button size="xs" variant="default" loading={verify.isPending} onClick={() => verify.mutate()}>
          Verify now
        </Button>
      }
    >
      <Result verification={verify.data} error={verify.error} />
      <Group gap="lg">
        <Text size="sm">
          Verified last: {checkpoint.data?.verified_at ? <Time iso={checkpoint.data.verified_at} /> : 'never'}
        </Text>
        <Text size="sm">Events: {checkpoint.data === undefined ? '–' : formatCount(checkpoint.data.seq)}</Text>
        <Anchor href={addressOf('/audit/checkpoint')} size="sm" download="audit-checkpoint.json">
          Download a checkpoint
        </Anchor>
      </Group>
      <Text size="xs" c="dimmed" mt={4}>
        It is verified each day by itself. A checkpoint that you keep elsewhere shows later that the end was not cut
        off: spanwarden audit verify --checkpoint.
      </Text>
    </Panel>
  );
}

function Result({ verification, error }: { verification: AuditVerification | undefined; error: Error | null }) {
  if (error !== null) {
    return (
      <ErrorNote title="The log cannot be verified">
        <ErrorText error={error} />
      </ErrorNote>
    );
  }
  if (verification?.break) {
    return (
      <ErrorNote title="The log is broken">
        {`${verification.break.what}. ${plural(verification.events, 'event')} before it are in order.`}
      </ErrorNote>
    );
  }
  return <Said message={verification === undefined ? '' : intact(verification)} />;
}

function intact({ events, checkpoints }: AuditVerification): string {
  const compared =
    checkpoints === 0 ? 'no checkpoint to compare with yet' : `${plural(checkpoints, 'checkpoint')} agree`;
  return `Intact: ${plural(events, 'event')}, ${compared}.`;
}
