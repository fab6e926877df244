import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Policy } from '../../edge/serve/contract.js';
import { ApiError, send } from '../api.js';
import { CodeBlock } from './code-block.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { Name } from './text.js';
import { Unsupported } from './unsupported.js';

interface Props {
  readonly policy: Policy;
  readonly onClose: (approved: boolean) => void;
}

/** Asks once more, with the configuration in view, and approves exactly the version that is shown. */
export function ApproveDialog({ policy, onClose }: Props) {
  const client = useQueryClient();
  const approve = useMutation({
    mutationFn: () => send<Policy>('POST', `/policies/${policy.id}/approve`, { ifMatch: policy.etag }),
    onSuccess: () => onClose(true),
    onSettled: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
  const close = (): void => onClose(false);
  return (
    <Dialog title="Approve a policy" onClose={close} isWide>
      <Stack gap="md">
        <Text fw={600}>
          <Name>{policy.title}</Name>
        </Text>
        <Text size="sm">
          With their next pull the collectors carry this out on all spans of <Name>{policy.services.join(', ')}</Name>.
          What they change or drop is gone from then on.
        </Text>
        <CodeBlock label="Collector configuration" code={policy.preview} />
        <Unsupported reasons={policy.unsupported} />
        {approve.error !== null && <Refusal error={approve.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {approve.isError ? 'Close' : 'Cancel'}
          </Button>
          {!isOutdated(approve.error) && (
            <Button loading={approve.isPending} onClick={() => approve.mutate()}>
              Approve
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

/** The policy is no longer what is shown, so trying again cannot help. */
function isOutdated(error: Error | null): boolean {
  return error instanceof ApiError && [404, 409, 412].includes(error.status);
}

function Refusal({ error }: { error: Error }) {
  const status = error instanceof ApiError ? error.status : 0;
  return (
    <ErrorNote title="Not approved">
      {status === 409 &&
        'The policy is no longer suggested: somebody else approved it. The list shows how it stands now.'}
      {status === 412 &&
        'The suggestion changed since you opened it. The list now shows the new version: look at it and approve that.'}
      {status !== 409 && status !== 412 && <ErrorText error={error} />}
    </ErrorNote>
  );
}
