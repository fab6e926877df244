import { Button, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import { send } from '../api.js';
import { rulesChanged } from '../queries.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
const MOST_DAYS = 365;

/** Asks what is no finding, why, and until when. */
export function ExclusionDialog({ onClose }: { onClose: (message: string) => void }) {
  const [given, setGiven] = useState({ detector: '', service: '', key: '', fingerprint: '', reason: '' });
  const [last, setLast] = useState(dayAhead(USUAL_DAYS));
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => send('POST', '/exclusions', { body: bodyOf(given, last) }),
    onSuccess: async () => {
      await rulesChanged(client);
      onClose('✓ The exclusion is in force.');
    },
  });
  const field = (name: keyof typeof given) => ({
    value: given[name],
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) =>
      setGiven({ ...given, [name]: currentTarget.value }),
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <Dialog title="Add an exclusion" onClose={() => onClose('')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            A match is no finding when all that you give here is as in the match. Give at least one.
          </Text>
          <TextInput label="Detector" description="Its id, such as email" {...field('detector')} data-autofocus />
          <TextInput label="Service" {...field('service')} />
          <TextInput label="Key" description="As findings show it" {...field('key')} />
          <TextInput label="Fingerprint" description="Of one value, from the finding" {...field('fingerprint')} />
          <Textarea
            label="Reason"
            description="Without the value itself"
            required
            minLength={3}
            maxLength={500}
            {...field('reason')}
          />
          <TextInput
            type="date"
            label="Last day"
            description="At most a year ahead; may be left out with a fingerprint"
            min={dayAhead(0)}
            max={dayAhead(MOST_DAYS)}
            required={given.fingerprint.trim() === ''}
            value={last}
            onChange={({ currentTarget }) => setLast(currentTarget.value)}
          />
          {add.error !== null && (
            <ErrorNote title="The exclusion cannot be added">
              <ErrorText error={add.error} />
            </ErrorNote>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose('')}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

type Given = Readonly<Record<'detector' | 'service' | 'key' | 'fingerprint' | 'reason', string>>;

/** The exclusion as the API takes it: it ends with the last day, in the zone of the browser. */
function bodyOf({ reason, ...parts }: Given, last: string): object {
  const given = Object.entries(parts).map(([name, text]) => [name, text.trim() === '' ? null : text.trim()]);
  const end = last === '' ? null : new Date(`${last}T00:00`);
  end?.setDate(end.getDate() + 1);
  return { ...Object.fromEntries(given), reason, expires_at: end?.toISOString() ?? null };
}

function dayAhead(days: number): string {
  const date = new Date(Date.now() + days * DAY_MS);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
