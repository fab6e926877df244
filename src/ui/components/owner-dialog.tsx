import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { send } from '../api.js';
import { ownersChanged } from '../queries.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import type { Owner } from './owners.js';
import { Name } from './text.js';

const MOST_CHARACTERS = 100;

interface Props {
  readonly owner: Owner;
  /** @param message what was done, to be said; empty for nothing */
  readonly onClose: (message: string) => void;
}

/** Asks for the team of a service, and takes a team back that was set here. */
export function OwnerDialog({ owner, onClose }: Props) {
  const [team, setTeam] = useState(owner.source === 'none' ? '' : owner.team);
  const set = useOwnerChange((name: string) => send('PUT', pathOf(owner), { body: { team: name } }));
  const remove = useOwnerChange(() => send('DELETE', pathOf(owner)));
  const error = set.error ?? remove.error;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const name = team.trim();
    if (name !== '') set.mutate(name, { onSuccess: () => onClose(`${owner.service} belongs to ${name}.`) });
  };
  const forget = (): void =>
    remove.mutate('', { onSuccess: () => onClose(`The team set for ${owner.service} is forgotten.`) });
  return (
    <Dialog title="Owner of a service" onClose={() => onClose('')}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm">
            Service: <Name>{owner.service}</Name>
          </Text>
          <TextInput
            label="Team"
            value={team}
            onChange={({ currentTarget }) => setTeam(currentTarget.value)}
            maxLength={MOST_CHARACTERS}
            required
            data-autofocus
          />
          {error !== null && (
            <ErrorNote title="The owner cannot be set">
              <ErrorText error={error} />
            </ErrorNote>
          )}
          <Group justify="flex-end">
            {owner.source === 'mapping' && (
              <Button variant="default" loading={remove.isPending} onClick={forget}>
                Forget
              </Button>
            )}
            <Button type="submit" loading={set.isPending}>
              Set owner
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function pathOf({ service }: Owner): string {
  return `/owners/${encodeURIComponent(service)}`;
}

function useOwnerChange(change: (team: string) => Promise<unknown>) {
  const client = useQueryClient();
  return useMutation({ mutationFn: change, onSuccess: () => ownersChanged(client) });
}
