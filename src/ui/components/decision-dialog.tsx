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
  readonly onClose: (decided: boolean) => void;
}

const WORDS = {
  approve: {
    title: 'Approve a policy',
    button: 'Approve',
    refused: 'Not approved',
    over: 'suggested: somebody else approved it',
  },
  'roll-back': {
    title: 'Roll a policy back',
    button: 'Roll back',
    refused: 'Not rolled back',
    over: 'approved: somebody else rolled it back',
  },
} as const;
type Decision = keyof typeof WORDS;

/** Asks once more, with the configuration in view: a suggested version is approved, an approved one rolled back. */
export function DecisionDialog({ policy, onClose }: Props) {
  const client = useQueryClient();
  const decision: Decision = policy.state === 'approved' ? 'roll-back' : 'approve';
  const { title, button } = WORDS[decision];
  const services = policy.services.length === 0 ? 'all services' : policy.services.join(', ');
  const decide = useMutation({
    mutationFn: () => send<Policy>('POST', `/policies/${policy.id}/${decision}`, { ifMatch: policy.etag }),
    onSuccess: () => onClose(true),
    onSettled: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
  const close = (): void => onClose(false);
  return (
    <Dialog title={title} onClose={close} isWide>
      <Stack gap="md">
        <Text fw={600}>
          <Name>{policy.title}</Name>
        </Text>
        <Text size="sm">
          {decision === 'approve' ? (
            <>
              With their next pull the collectors carry this out on all spans of <Name>{services}</Name>. What they
              change or drop is gone from then on.
            </>
          ) : (
            <>
              With their next pull the collectors no longer do this to the spans of <Name>{services}</Name>. If another
              version was approved before, it is in force again.
            </>
          )}
        </Text>
        <CodeBlock label="Collector configuration" code={policy.preview} />
        <Unsupported reasons={policy.unsupported} />
        {decide.error !== null && <Refusal error={decide.error} decision={decision} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {decide.isError ? 'Close' : 'Cancel'}
          </Button>
          {!isOutdated(decide.error) && (
            <Button loading={decide.isPending} onClick={() => decide.mutate()}>
              {button}
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

function Refusal({ error, decision }: { error: Error; decision: Decision }) {
  const status = error instanceof ApiError ? error.status : 0;
  const { refused, over } = WORDS[decision];
  return (
    <ErrorNote title={refused}>
      {status === 409 && `The policy is no longer ${over}. The list shows how it stands now.`}
      {status === 412 && 'The policy changed since you opened it. The list now shows how it stands: look at it again.'}
      {status !== 409 && status !== 412 && <ErrorText error={error} />}
    </ErrorNote>
  );
}
