import { Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { ErrorText } from './loaded.js';
import { ErrorNote, WarningNote } from './note.js';

interface Props {
  /** What is done, as `Forget this collector`. */
  readonly label: string;
  /** What becomes of it. */
  readonly warning: string;
  /** On the second button, as `Forget it`. */
  readonly confirm: string;
  readonly refused: string;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly onConfirm: () => void;
}

/** A button that asks once more in place, for dialogs: a dialog over a dialog helps nobody. */
export function TwoStep({ label, warning, confirm, refused, error, isPending, onConfirm }: Props) {
  const [isAsking, setAsking] = useState(false);
  return (
    <Stack gap="xs">
      {isAsking && <WarningNote title={`${label}?`}>{warning}</WarningNote>}
      {error !== null && (
        <ErrorNote title={refused}>
          <ErrorText error={error} />
        </ErrorNote>
      )}
      <Group justify="flex-end" gap="xs">
        {isAsking ? (
          <>
            <Button variant="default" onClick={() => setAsking(false)} autoFocus>
              Keep it
            </Button>
            <Button loading={isPending} onClick={onConfirm}>
              {confirm}
            </Button>
          </>
        ) : (
          <Button variant="default" onClick={() => setAsking(true)}>
            {label} …
          </Button>
        )}
      </Group>
    </Stack>
  );
}
