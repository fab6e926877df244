import { Button, Group, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Finding, FindingBulkResult } from '../../edge/serve/contract.js';
import { ApiError, send } from '../api.js';
import { plural } from '../format.js';
import { findingsChanged, showFinding } from '../queries.js';
import { Dialog } from './dialog.js';
import { RESOLUTION_NAMES, RESOLUTION_NOTES, type Resolution, type State } from './finding-state.js';
import { ErrorText } from './loaded.js';
import { ErrorNote } from './note.js';
import { CodeName, Name } from './text.js';

/** The most that the API changes at once. */
export const MOST_AT_ONCE = 100;
export const MOST_CHARACTERS = 1000;
const DAY_MS = 86_400_000;
const FIRST_DAYS = 90;
const MOST_DAYS = 365;

interface Verb {
  readonly title: string;
  readonly verb: string;
  readonly done: string;
}

const VERBS: Readonly<Record<State, Verb>> = {
  open: { title: 'Open again', verb: 'Open again', done: 'open again' },
  acknowledged: { title: 'Acknowledge', verb: 'Acknowledge', done: 'acknowledged' },
  resolved: { title: 'Resolve', verb: 'Resolve', done: 'resolved' },
};

interface Props {
  /** One finding, changed in the version that is shown, or several. */
  readonly findings: readonly Finding[];
  readonly state: State;
  /** @param message what was done, to be said; empty for nothing */
  readonly onClose: (message: string) => void;
}

interface Fields {
  readonly resolution: Resolution | '';
  readonly expires: string;
  readonly comment: string;
}

/** Asks what people decide on findings: for what is resolved why and until when, and a comment. */
export function TriageDialog({ findings, state, onClose }: Props) {
  const { title, verb, done } = VERBS[state];
  const [fields, setFields] = useState<Fields>({ resolution: '', expires: dayIn(FIRST_DAYS), comment: '' });
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: () => write(findings, bodyOf(state, fields)),
    onSuccess: (changed) => {
      if (changed !== null) showFinding(client, changed);
      onClose(`${plural(findings.length, 'finding')} ${done}.`);
    },
    onSettled: () => findingsChanged(client),
  });
  const isStale = change.error instanceof ApiError && change.error.status === 409;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Dialog
      title={findings.length === 1 ? `${title}: 1 finding` : `${title}: ${findings.length} findings`}
      onClose={() => onClose('')}
    >
      <form onSubmit={submit}>
        <Stack gap="md">
          <Which findings={findings} />
          {state === 'resolved' && <Resolutions fields={fields} onChange={setFields} />}
          <CommentField value={fields.comment} onChange={(comment) => setFields({ ...fields, comment })} />
          {change.error !== null && (
            <ErrorNote title="Nothing was changed">
              {isStale ? (
                'Somebody else changed the finding since you opened it. The page now shows how it stands: look at that and decide again.'
              ) : (
                <ErrorText error={change.error} />
              )}
            </ErrorNote>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => onClose('')}>
              {isStale ? 'Close' : 'Cancel'}
            </Button>
            {!isStale && (
              <Button type="submit" loading={change.isPending}>
                {verb}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

function Which({ findings }: { findings: readonly Finding[] }) {
  const [first] = findings;
  if (first === undefined) return null;
  return (
    <Text size="sm">
      {first.detector.name} in <CodeName>{first.key}</CodeName> of <Name>{first.service}</Name>
      {findings.length > 1 && ` and ${plural(findings.length - 1, 'other finding')}`}
    </Text>
  );
}

function Resolutions({ fields, onChange }: { fields: Fields; onChange: (fields: Fields) => void }) {
  const { resolution, expires } = fields;
  return (
    <>
      <Radio.Group
        label="Why is it done with?"
        value={resolution}
        onChange={(value) => onChange({ ...fields, resolution: value as Resolution })}
        required
      >
        <Stack gap="xs" mt="xs">
          {Object.entries(RESOLUTION_NAMES).map(([value, label], i) => (
            <Radio
              key={value}
              size="xs"
              value={value}
              label={label}
              description={RESOLUTION_NOTES[value as Resolution]}
              required
              data-autofocus={i === 0 || undefined}
            />
          ))}
        </Stack>
      </Radio.Group>
      {resolution === 'wont_fix' && (
        <TextInput
          type="date"
          label="Until the end of"
          description="Days are those of UTC."
          required
          min={dayIn(0)}
          max={dayIn(MOST_DAYS)}
          value={expires}
          onChange={({ currentTarget }) => onChange({ ...fields, expires: currentTarget.value })}
        />
      )}
    </>
  );
}

interface CommentProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isRequired?: boolean;
}

/** A comment for the history. */
export function CommentField({ value, onChange, isRequired = false }: CommentProps) {
  return (
    <Textarea
      label="Comment"
      description={`Kept in the history; without secrets and personal data. ${value.length} of ${MOST_CHARACTERS} characters.`}
      autosize
      minRows={2}
      maxRows={8}
      maxLength={MOST_CHARACTERS}
      required={isRequired}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

function bodyOf(state: State, { resolution, expires, comment }: Fields): object {
  return {
    state,
    ...(state === 'resolved' && { resolution }),
    ...(state === 'resolved' && resolution === 'wont_fix' && { expires }),
    ...(comment.trim() !== '' && { comment }),
  };
}

/** Gives the finding where it is one. */
async function write(findings: readonly Finding[], body: object): Promise<Finding | null> {
  const [first] = findings;
  if (first !== undefined && findings.length === 1) {
    return send<Finding>('PATCH', `/findings/${first.id}`, { body, ifMatch: `"${first.version}"` });
  }
  const ids = findings.map(({ id }) => id);
  await send<FindingBulkResult>('POST', '/findings/bulk', { body: { ...body, ids } });
  return null;
}

/** The day in so many days, in UTC. */
function dayIn(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}
