import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Policy } from '../../edge/serve/contract.js';
import { ApiError, get, send } from '../api.js';
import { Dialog } from './dialog.js';
import { ErrorText, Loaded } from './loaded.js';
import { ErrorNote } from './note.js';
import { PolicyFields } from './policy-fields.js';
import { bodyOf, draftOf, fieldNames, isEmpty, type PolicyDraft, problemsByField } from './policy-form.js';

interface Props {
  /** The policy that is changed; null for a new one. */
  readonly id: string | null;
  /** Gives what was written, or null. */
  readonly onClose: (written: Policy | null) => void;
}

/** Writes a policy, or changes the latest version of one. */
export default function PolicyEditor({ id, onClose }: Props) {
  return (
    <Dialog title={id === null ? 'Write a policy' : 'Change a policy'} onClose={() => onClose(null)} isWide>
      {id === null ? <Form policy={null} onClose={onClose} /> : <Change id={id} onClose={onClose} />}
    </Dialog>
  );
}

/** What is changed is the latest version, which the list need not show. */
function Change({ id, onClose }: Props & { id: string }) {
  const policy = useQuery({
    queryKey: ['policy to change', id],
    queryFn: () => get<Policy>(`/policies/${id}`),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  return (
    <Loaded query={policy} what="the policy">
      {(data) => <Form key={data.etag} policy={data} onClose={onClose} onReread={policy.refetch} />}
    </Loaded>
  );
}

interface FormProps extends Pick<Props, 'onClose'> {
  readonly policy: Policy | null;
  readonly onReread?: () => unknown;
}

function Form({ policy, onClose, onReread }: FormProps) {
  const [draft, setDraft] = useState(() => draftOf(policy));
  const write = useWrite(policy, onClose);
  const problems = write.error instanceof ApiError ? write.error.problems : [];
  const { byField, rest } = problemsByField(problems, fieldNames(draft));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    write.mutate(draft);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        {policy !== null && <WhatBecomesOfIt policy={policy} />}
        <PolicyFields
          draft={draft}
          change={(fields) => setDraft({ ...draft, ...fields })}
          errorOf={(field) => (byField.has(field) && isEmpty(draft, field) ? 'missing' : byField.get(field))}
          isNew={policy === null}
        />
        {write.error !== null && (
          <Refusal error={write.error} atFields={byField.size} rest={rest} onReread={onReread} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => onClose(null)}>
            Cancel
          </Button>
          <Button type="submit" loading={write.isPending}>
            {policy === null ? 'Write the draft' : 'Save the draft'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** With an etag, so that nobody's change is written over. */
function useWrite(policy: Policy | null, onWritten: (written: Policy) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (draft: PolicyDraft) =>
      policy === null
        ? send<Policy>('POST', '/policies', { body: bodyOf(draft) })
        : send<Policy>('PUT', `/policies/${policy.id}`, { body: bodyOf(draft), ifMatch: policy.etag }),
    onSuccess: async (written) => {
      await client.invalidateQueries({ queryKey: ['policies'] });
      onWritten(written);
    },
  });
}

function WhatBecomesOfIt({ policy: { state, version } }: { policy: Policy }) {
  const isProposed = state === 'draft' || state === 'suggested';
  return (
    <Text size="sm" c="dimmed">
      {isProposed
        ? `This changes version ${version}, which nobody has approved. ${state === 'suggested' ? 'The suggestion becomes a draft of yours.' : ''}`
        : `Version ${version} stays as it is; this proposes version ${version + 1}, which has to be approved.`}
    </Text>
  );
}

interface RefusalProps {
  readonly error: Error;
  readonly atFields: number;
  readonly rest: ApiError['problems'];
  readonly onReread?: (() => unknown) | undefined;
}

function Refusal({ error, atFields, rest, onReread }: RefusalProps) {
  if (error instanceof ApiError && error.status === 412) {
    return (
      <ErrorNote title="Somebody else changed it meanwhile">
        <Stack align="flex-start" gap="xs">
          <span>Copy what you wrote, read the latest version, and make your change there.</span>
          <Button size="xs" variant="default" onClick={onReread}>
            Read the latest version
          </Button>
        </Stack>
      </ErrorNote>
    );
  }
  return (
    <ErrorNote title="Not written">
      {atFields > 0 && <div>What is wrong stands at its field.</div>}
      {atFields === 0 && rest.length === 0 && <ErrorText error={error} />}
      {rest.map(({ where, what, allowed }) => (
        <div key={`${where} ${what}`}>
          {where}: {what}; allowed is {allowed}
        </div>
      ))}
    </ErrorNote>
  );
}
