import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { ReportSummary } from '../../edge/serve/contract.js';
import { send } from '../api.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';

const DAY_MS = 86_400_000;
const WINDOWS = [
  { value: '1', label: 'Last 24 hours' },
  { value: '7', label: 'Last 7 days' },
  { value: '30', label: 'Last 30 days' },
  { value: 'days', label: 'Days of my choice' },
];

interface Choice {
  readonly window: string;
  /** Days as `YYYY-MM-DD`; both belong to the window. */
  readonly first: string;
  readonly last: string;
}

/** Asks for the window of a report and has it made. */
export function ReportDialog({ onClose }: { onClose: () => void }) {
  const today = localDay(new Date());
  const [choice, setChoice] = useState<Choice>({ window: '7', first: today, last: today });
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: () => send<ReportSummary>('POST', '/reports', { body: windowOf(choice, new Date()) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['reports'] });
      onClose();
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog title="Make a report" onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <NativeSelect
            label="Window"
            data={WINDOWS}
            value={choice.window}
            onChange={({ currentTarget }) => setChoice({ ...choice, window: currentTarget.value })}
            data-autofocus
          />
          {choice.window === 'days' && <Days choice={choice} today={today} onChange={setChoice} />}
          {make.error !== null && (
            <ErrorNote title="The report cannot be made">
              <ErrorText error={make.error} />
            </ErrorNote>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending}>
              Make it
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

interface DaysProps {
  readonly choice: Choice;
  readonly today: string;
  readonly onChange: (choice: Choice) => void;
}

function Days({ choice, today, onChange }: DaysProps) {
  return (
    <Group grow>
      <TextInput
        type="date"
        label="First day"
        required
        max={choice.last}
        value={choice.first}
        onChange={({ currentTarget }) => onChange({ ...choice, first: currentTarget.value })}
      />
      <TextInput
        type="date"
        label="Last day"
        required
        min={choice.first}
        max={today}
        value={choice.last}
        onChange={({ currentTarget }) => onChange({ ...choice, last: currentTarget.value })}
      />
    </Group>
  );
}

/** The window as the API takes it; days are those of the browser's time zone. */
function windowOf({ window, first, last }: Choice, now: Date): { from: string; to: string } {
  if (window !== 'days') {
    return { from: new Date(now.getTime() - Number(window) * DAY_MS).toISOString(), to: now.toISOString() };
  }
  const end = new Date(`${last}T00:00`);
  end.setDate(end.getDate() + 1);
  return { from: new Date(`${first}T00:00`).toISOString(), to: (end < now ? end : now).toISOString() };
}

function localDay(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
