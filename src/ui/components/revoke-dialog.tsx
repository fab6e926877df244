import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { AccessToken } from '../../edge/serve/contract.js';
import { send } from '../api.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { Name } from './text.js';

interface Props {
  readonly token: AccessToken;
  readonly onClose: (message: string) => void;
}

/** Asks once more, and ends a token. */
export function RevokeDialog({ token, onClose }: Props) {
  const { id, subject, roles } = token;
  const revoke = useMutation({
    mutationFn: () => send('DELETE', `/tokens/${id}`),
    onSuccess: () => onClose(`The token of ${subject} is revoked.`),
  });
  return (
    <Dialog title={`Revoke the token of ${subject}`} onClose={() => onClose('')}>
      <Stack gap="md">
        <Text size="sm">
          Whoever uses the token of <Name>{subject}</Name> ({roles.join(', ')}) is refused from now on, and sessions
          that it opened end. This cannot be taken back; another token can be made.
        </Text>
        {revoke.error !== null && (
          <ErrorNote title="The token cannot be revoked">
            <ErrorText error={revoke.error} />
          </ErrorNote>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onClose('')} data-autofocus>
            Cancel
          </Button>
          <Button loading={revoke.isPending} onClick={() => revoke.mutate()}>
            Revoke
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
