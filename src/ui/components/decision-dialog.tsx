import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Policy } from '../../edge/serve/contract.js';
import { ApiError, send } from '../api.js';
import { Approval, asksForSimulation } from './approval.js';
import { Dialog } from './dialog.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { DECISIONS, type Decision } from './policy-decisions.js';
import { usePolicySet } from './policy-set-queries.js';
import { isSimulated } from './policy-standing.js';
import { useNewestSimulation } from './simulation-queries.js';
import { Name } from './text.js';

interface Props {
  readonly policy: Policy;
  readonly decision: Decision;
  readonly onClose: (decided: boolean) => void;
}

const MOST_CHARACTERS = 500;

/** Asks once more, with the configuration in view. */
export function DecisionDialog({ policy, decision, onClose }: Props) {
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const { title, button, asks } = DECISIONS[decision];
  const decide = useMutation({
    mutationFn: () => send<Policy>('POST', `/policies/${policy.id}/${decision}`, request(policy, decision, reason)),
    onSuccess: () => onClose(true),
    onSettled: () => client.invalidateQueries({ queryKey: ['policies'] }),
  });
  const wasRefused = codeOf(decide.error) === 'not-simulated';
  const isUnsimulated = useIsUnsimulated(policy, decision) || wasRefused;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    decide.mutate();
  };
  return (
    <Dialog title={title} onClose={() => onClose(false)} isWide>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text fw={600}>
            <Name>{policy.title}</Name>
          </Text>
          <Text size="sm">
            <Effect policy={policy} decision={decision} />
          </Text>
          {decision === 'approve' && <Approval policy={policy} />}
          {(asks === 'reason' || isUnsimulated) && (
            <TextInput
              label={isUnsimulated ? 'Why without a simulation?' : 'Why?'}
              description="It is kept in the audit log."
              value={reason}
              maxLength={MOST_CHARACTERS}
              required
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          )}
          {decide.error !== null && <Refusal error={decide.error} decision={decision} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose(false)} data-autofocus>
              {decide.isError && !wasRefused ? 'Close' : 'Cancel'}
            </Button>
            {(!isOutdated(decide.error) || wasRefused) && (
              <Button type="submit" loading={decide.isPending}>
                {button}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** Whether the set asks for a simulation, and there is none. */
function useIsUnsimulated(policy: Policy, decision: Decision): boolean {
  const set = usePolicySet(policy.policy_set);
  const { data } = useNewestSimulation(policy.id);
  return decision === 'approve' && asksForSimulation(policy, set) && data !== undefined && !isSimulated(policy, data);
}

/** Roll-outs change by themselves; only what is approved or taken back has to be the version that is shown. */
function request({ etag }: Policy, decision: Decision, reason: string): { body: object; ifMatch?: string } {
  if (decision === 'pause') return { body: { reason } };
  if (decision === 'resume' || decision === 'continue') return { body: {} };
  if (decision === 'approve') return { body: reason === '' ? {} : { waive_simulation: reason }, ifMatch: etag };
  return { body: decision === 'reject' ? { reason } : {}, ifMatch: etag };
}

function Effect({ policy, decision }: { policy: Policy; decision: Decision }) {
  const services =
    policy.services.length === 0 ? 'all services' : <Name key="services">{policy.services.join(', ')}</Name>;
  const next = policy.rollout?.stages[policy.rollout.stage + 1]?.name ?? '';
  switch (decision) {
    case 'approve':
      return <>With their next pull the collectors of the first stage carry this out on the spans of {services}.</>;
    case 'reject':
      return <>Nothing changes for the spans of {services}, and the same is not suggested again.</>;
    case 'pause':
      return <>Collectors that have the policy keep it; no others get it.</>;
    case 'resume':
      return <>The roll-out goes on where it is. What the data said until now counts no more.</>;
    case 'continue':
      return next === '' ? (
        <>The policy is active from now on, whether or not it is proved.</>
      ) : (
        <>The collectors of the stage “{next}” get the policy as well, whether or not it is proved.</>
      );
    case 'roll-back':
      return (
        <>
          With their next pull the collectors no longer do this to the spans of {services}. If another version was in
          force before, it is so again.
        </>
      );
  }
}

function codeOf(error: Error | null): string {
  return error instanceof ApiError ? error.code : '';
}

/** The policy is no longer what is shown, so trying again cannot help. */
function isOutdated(error: Error | null): boolean {
  return error instanceof ApiError && [404, 409, 412].includes(error.status);
}

function Refusal({ error, decision }: { error: Error; decision: Decision }) {
  const code = codeOf(error);
  return (
    <ErrorNote title={DECISIONS[decision].refused}>
      {OVER.has(code) && 'Somebody else decided on it. The list shows how it stands now.'}
      {code === 'changed' &&
        'The policy changed since you opened it. The list now shows how it stands: look at it again.'}
      {code === 'not-simulated' && 'It loses data and was not simulated. Simulate it first, or say why not.'}
      {code === 'same-person' && 'It loses data, and you wrote it: somebody else has to approve it.'}
      {!KNOWN.has(code) && <ErrorText error={error} />}
    </ErrorNote>
  );
}

const OVER: ReadonlySet<string> = new Set(['not-proposed', 'not-in-force', 'not-running']);
const KNOWN: ReadonlySet<string> = new Set([...OVER, 'changed', 'not-simulated', 'same-person']);
