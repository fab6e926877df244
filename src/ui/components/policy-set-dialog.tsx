import { Button, Group, NumberInput, Stack, Switch, TextInput } from '@mantine/core';
import { type SubmitEvent, useState } from 'react';
import type { PolicySet } from '../../edge/serve/contract.js';
import { ApiError } from '../api.js';
import { Dialog } from './dialog.js';
import { LabelsInput } from './labels-input.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { problemsByField } from './policy-form.js';
import { labelProblem, type PolicySetDraft, setBodyOf, setDraftOf, setFieldNames } from './policy-set-form.js';
import { DEFAULT_SET, usePutSet, useRemoveSet } from './policy-set-queries.js';
import { StageRows } from './stage-rows.js';
import { TwoStep } from './two-step.js';

interface Props {
  /** The set that is changed; null for a new one. */
  readonly set: PolicySet | null;
  readonly known: readonly PolicySet[];
  readonly onClose: (message: string) => void;
}

/** Sets a policy set up, or changes one that was read. */
export default function PolicySetDialog({ set, known, onClose }: Props) {
  const [draft, setDraft] = useState(() => setDraftOf(set));
  const [wasTried, setTried] = useState(false);
  const put = usePutSet(({ name }) => onClose(`The policy set ${name} is ${set === null ? 'added' : 'changed'}.`));
  const change = (fields: Partial<PolicySetDraft>): void => setDraft({ ...draft, ...fields });
  const isTaken = set === null && known.some(({ name }) => name === draft.name.trim());
  const labelErrors = [draft.labels, ...draft.stages.map(({ labels }) => labels)].map(labelProblem);
  const { byField, rest } = problemsByField(problemsOf(put.error), setFieldNames(draft));
  const nameError = isTaken ? 'there is one of that name' : rest.find(({ where }) => where === 'name')?.allowed;
  const errorOf = (field: string): string | undefined => byField.get(field);
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setTried(true);
    if (isTaken || labelErrors.some((error) => error !== undefined)) return;
    put.mutate({ name: draft.name.trim(), fields: setBodyOf(draft), etag: set?.etag ?? null });
  };
  return (
    <Dialog title={set === null ? 'Add a policy set' : `Policy set ${set.name}`} onClose={() => onClose('')} isWide>
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          {set === null && (
            <TextInput
              label="Name"
              description="Lower-case letters, digits and dashes; it stands in the address that collectors pull from"
              required
              maxLength={63}
              value={draft.name}
              error={wasTried ? nameError : undefined}
              onChange={({ currentTarget }) => change({ name: currentTarget.value })}
              data-autofocus
            />
          )}
          <TextInput
            label="Description"
            maxLength={500}
            value={draft.description}
            error={errorOf('description')}
            onChange={({ currentTarget }) => change({ description: currentTarget.value })}
          />
          <LabelsInput
            label="Collectors under OpAMP with these labels get it"
            description="name=value, Enter after each; the set with the most labels that fit wins. Others name the set in the address"
            value={draft.labels}
            error={wasTried ? (labelErrors[0] ?? errorOf('labels')) : undefined}
            onChange={(labels) => change({ labels })}
          />
          <StageRows
            stages={draft.stages}
            onChange={(stages) => change({ stages })}
            errorOf={(field) =>
              errorOf(field) ??
              (wasTried && field.endsWith('.labels') ? labelErrors[Number(field.split('.')[1]) + 1] : undefined)
            }
          />
          <Switches draft={draft} change={change} soakError={errorOf('soak_seconds')} />
          <Refusal error={put.error} hasFields={byField.size > 0} rest={rest.filter(({ where }) => where !== 'name')} />
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose('')}>
              Cancel
            </Button>
            <Button type="submit" loading={put.isPending}>
              {set === null ? 'Add it' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
      {set !== null && set.name !== DEFAULT_SET && <Remove set={set} onClose={onClose} />}
    </Dialog>
  );
}

interface SwitchesProps {
  readonly draft: PolicySetDraft;
  readonly change: (fields: Partial<PolicySetDraft>) => void;
  readonly soakError: string | undefined;
}

function Switches({ draft, change, soakError }: SwitchesProps) {
  const SWITCHES = [
    ['advances', 'A proved stage goes on by itself'],
    ['twoPersons', 'What loses data is approved by somebody else than wrote it'],
    ['simulateFirst', 'What loses data is simulated before it is approved'],
    ['marks', 'Collectors write on spans which policies they passed; the proof stands on it'],
  ] as const;
  return (
    <>
      <NumberInput
        label="A stage lasts at least, in seconds"
        min={0}
        max={604_800}
        allowDecimal={false}
        hideControls
        value={draft.soak}
        error={soakError}
        onChange={(soak) => change({ soak: String(soak) })}
      />
      {SWITCHES.map(([name, label]) => (
        <Switch
          key={name}
          label={label}
          checked={draft[name]}
          onChange={({ currentTarget }) => change({ [name]: currentTarget.checked })}
        />
      ))}
    </>
  );
}

function problemsOf(error: Error | null): ApiError['problems'] {
  return error instanceof ApiError ? error.problems : [];
}

interface RefusalProps {
  readonly error: Error | null;
  readonly hasFields: boolean;
  readonly rest: ApiError['problems'];
}

function Refusal({ error, hasFields, rest }: RefusalProps) {
  if (error === null) return null;
  const isChanged = error instanceof ApiError && error.status === 412;
  return (
    <ErrorNote title="Not saved">
      {isChanged && 'Somebody else changed the set meanwhile. Close this and look at it again.'}
      {hasFields && <div>What is wrong stands at its field.</div>}
      {!isChanged && problemsOf(error).length === 0 && <ErrorText error={error} />}
      {rest.map(({ where, what, allowed }) => (
        <div key={where}>
          {where}: {what}; allowed is {allowed}
        </div>
      ))}
    </ErrorNote>
  );
}

function Remove({ set, onClose }: { set: PolicySet; onClose: (message: string) => void }) {
  const remove = useRemoveSet(() => onClose(`The policy set ${set.name} is removed.`));
  return (
    <TwoStep
      label="Remove this set"
      warning="Collectors that pull from its address get an error from then on, and keep what they have. A set that had policies stays."
      confirm="Remove it"
      refused="Not removed"
      error={remove.error}
      isPending={remove.isPending}
      onConfirm={() => remove.mutate(set)}
    />
  );
}
