import { Button, Checkbox, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { AccessToken, NewAccessToken } from '../../edge/serve/contract.js';
import { send } from '../api.js';
import { CodeBlock } from './code-block.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote, WarningNote } from './note.js';

const DAY_MS = 86_400_000;
const KINDS = [
  { value: 'person', label: 'A person' },
  { value: 'collector', label: 'A collector' },
];
const ROLES: readonly { value: AccessToken['roles'][number]; label: string; about: string }[] = [
  { value: 'viewer', label: 'Viewer', about: 'reads everything but tokens and this log' },
  { value: 'editor', label: 'Editor', about: 'reads; triages findings, sets owners and budgets' },
  { value: 'approver', label: 'Approver', about: 'reads; approves policies and rolls them back' },
  { value: 'admin', label: 'Admin', about: 'does everything' },
];
const DAYS = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
];
const NEVER = { value: '', label: 'Never' };

/** Asks for name and roles, makes a token, and shows it once. */
export function TokenDialog({ onClose }: { onClose: (message: string) => void }) {
  const [given, setGiven] = useState({ kind: 'person', subject: '', roles: ['viewer'], days: '90', labels: '' });
  const set = (fields: Partial<typeof given>): void => setGiven({ ...given, ...fields });
  const isCollector = given.kind === 'collector';
  const make = useMutation({ mutationFn: () => send<NewAccessToken>('POST', '/tokens', { body: bodyOf(given) }) });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    make.mutate();
  };
  const made = make.data;
  if (made !== undefined) return <Made token={made} onClose={() => onClose(`The token of ${made.subject} is made.`)} />;
  return (
    <Dialog title="Make a token" onClose={() => onClose('')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <NativeSelect
            label="For"
            data={KINDS}
            value={given.kind}
            onChange={({ currentTarget: { value } }) => set({ kind: value, days: value === 'collector' ? '' : '90' })}
            data-autofocus
          />
          <TextInput
            label="Name"
            description={
              isCollector
                ? 'Lower-case letters, digits and -._'
                : 'User name, in lower-case letters, digits and -._; the same for all tokens of the person'
            }
            required
            maxLength={63}
            value={given.subject}
            onChange={({ currentTarget }) => set({ subject: currentTarget.value })}
          />
          {isCollector ? (
            <TextInput
              label="Labels"
              description="key=value, separated by spaces; roll-outs select by them"
              value={given.labels}
              onChange={({ currentTarget }) => set({ labels: currentTarget.value })}
            />
          ) : (
            <Checkbox.Group label="Roles" required value={given.roles} onChange={(roles) => set({ roles })}>
              <Stack gap={6} mt={4}>
                {ROLES.map(({ value, label, about }) => (
                  <Checkbox key={value} value={value} label={`${label}: ${about}`} />
                ))}
              </Stack>
            </Checkbox.Group>
          )}
          <NativeSelect
            label="Ends after"
            data={isCollector ? [NEVER, ...DAYS] : DAYS}
            value={given.days}
            onChange={({ currentTarget }) => set({ days: currentTarget.value })}
          />
          {make.error !== null && (
            <ErrorNote title="The token cannot be made">
              <ErrorText error={make.error} />
            </ErrorNote>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose('')}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending} disabled={!isCollector && given.roles.length === 0}>
              Make it
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function Made({ token, onClose }: { token: NewAccessToken; onClose: () => void }) {
  return (
    <Dialog title={`The token of ${token.subject}`} onClose={onClose}>
      <Stack gap="sm">
        <WarningNote title="Copy it now">It is shown this once; spanwarden keeps its hash only.</WarningNote>
        <CodeBlock label="token" code={token.secret} />
        <Text size="sm" c="dimmed">
          It goes into the header Authorization: Bearer …, or, for a person, into the sign-in page.
        </Text>
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

interface Given {
  readonly kind: string;
  readonly subject: string;
  readonly roles: readonly string[];
  readonly days: string;
  readonly labels: string;
}

function bodyOf({ kind, subject, roles, days, labels }: Given): object {
  const isCollector = kind === 'collector';
  const pairs = labels.split(/\s+/).filter((pair) => pair !== '');
  return {
    subject: subject.trim(),
    roles: isCollector ? ['collector'] : roles,
    ...(isCollector && { labels: Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2))) }),
    expires_at: days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString(),
  };
}
