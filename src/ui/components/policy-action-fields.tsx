import { NumberInput, Stack, Switch, TagsInput, TextInput } from '@mantine/core';
import { PatternRows } from './pattern-rows.js';
import type { PolicyDraft } from './policy-form.js';

export interface FieldsProps {
  readonly draft: PolicyDraft;
  readonly change: (fields: Partial<PolicyDraft>) => void;
  /** What is wrong with a field, by its name in the API. */
  readonly errorOf: (field: string) => string | undefined;
}

/** What an action of its kind has to be told. */
export function ActionFields(props: FieldsProps) {
  const { draft, change, errorOf } = props;
  const text = (name: 'to' | 'match' | 'template' | 'name') => ({
    value: draft[name],
    maxLength: 256,
    error: errorOf(`action.${name}`),
    onChange: ({ currentTarget }: { currentTarget: { value: string } }) => change({ [name]: currentTarget.value }),
  });
  switch (draft.kind) {
    case 'mask':
      return <PatternRows {...props} />;
    case 'truncate':
      return (
        <NumberInput
          label="Length"
          description="Characters that stay, 1 to 1,000"
          required
          min={1}
          max={1_000}
          allowDecimal={false}
          hideControls
          value={draft.length}
          error={errorOf('action.length')}
          onChange={(value) => change({ length: String(value) })}
        />
      );
    case 'rename':
      return <TextInput label="New key" required {...text('to')} />;
    case 'keep':
      return (
        <TagsInput
          label="Keys that stay"
          description="All other attributes of the place go; Enter after each"
          required
          value={[...draft.keys]}
          error={errorOf('action.keys')}
          onChange={(keys) => change({ keys })}
        />
      );
    case 'drop':
      return (
        <Stack gap="sm">
          <TextInput
            label="Dropped are spans with"
            description={
              draft.location === 'span_name'
                ? 'A span name; {id} and the like stand for what varies'
                : 'The whole text under the key'
            }
            required
            {...text('match')}
          />
          {draft.location === 'span_name' && <Except {...props} />}
          <Switch
            label="Keep those with status Error"
            checked={draft.keepErrors}
            onChange={({ currentTarget }) => change({ keepErrors: currentTarget.checked })}
          />
        </Stack>
      );
    case 'template':
      return (
        <Stack gap="sm">
          <TextInput
            label="Template"
            description="As the page Span names shows it, such as GET /users/{id}"
            required
            {...text('template')}
          />
          <TextInput label="New name" description="The template itself without it" {...text('name')} />
          <Except {...props} />
        </Stack>
      );
    default:
      return null;
  }
}

function Except({ draft, change, errorOf }: FieldsProps) {
  return (
    <TagsInput
      label="Names that stay as they are"
      description="Optional; Enter after each"
      value={[...draft.except]}
      error={errorOf('action.except')}
      onChange={(except) => change({ except })}
    />
  );
}
