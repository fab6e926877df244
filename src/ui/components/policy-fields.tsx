import { Autocomplete, Group, NativeSelect, Stack, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useAttributes } from '../queries.js';
import { LOCATION_NAMES, usePlaces } from './places.js';
import { ActionFields, type FieldsProps } from './policy-action-fields.js';
import { fixedKey, type Location, locationsOf, type WrittenKind, withKind } from './policy-form.js';
import { usePolicySets } from './policy-set-queries.js';

const KINDS: readonly { value: WrittenKind; label: string }[] = [
  { value: 'mask-value', label: 'Mask the whole value' },
  { value: 'mask', label: 'Mask what patterns match' },
  { value: 'delete', label: 'Delete the attribute' },
  { value: 'hash', label: 'Hash the value (SHA-256)' },
  { value: 'keyed-hash', label: 'Hash the value with a key (HMAC-SHA-256)' },
  { value: 'truncate', label: 'Cut long values' },
  { value: 'rename', label: 'Rename the attribute' },
  { value: 'keep', label: 'Keep listed attributes only' },
  { value: 'drop', label: 'Drop spans' },
  { value: 'template', label: 'Generalise span names' },
];

/** All fields of a policy; those of the action follow its kind. */
export function PolicyFields(props: FieldsProps & { isNew: boolean }) {
  const { draft, change, errorOf, isNew } = props;
  const { services } = usePlaces();
  return (
    <Stack gap="sm">
      <TextInput
        label="Title"
        required
        maxLength={200}
        value={draft.title}
        error={errorOf('title')}
        onChange={({ currentTarget }) => change({ title: currentTarget.value })}
        data-autofocus
      />
      <Textarea
        label="Reason"
        description="For those who approve it; without the value itself"
        maxLength={2_000}
        autosize
        minRows={2}
        value={draft.reason}
        error={errorOf('reason')}
        onChange={({ currentTarget }) => change({ reason: currentTarget.value })}
      />
      <NativeSelect
        label="What it does"
        data={KINDS}
        value={draft.kind}
        error={errorOf('action.kind')}
        onChange={({ currentTarget }) => change(withKind(draft, currentTarget.value as WrittenKind))}
      />
      <Group gap="sm" align="flex-start" grow>
        <NativeSelect
          label="Place"
          data={locationsOf(draft.kind).map((value) => ({ value, label: LOCATION_NAMES[value] }))}
          value={draft.location}
          error={errorOf('location')}
          onChange={({ currentTarget }) => change({ location: currentTarget.value as Location })}
        />
        {fixedKey(draft) === undefined && <KeyField {...props} />}
      </Group>
      <ActionFields {...props} />
      <TagsInput
        label="Services"
        description="By service.name, Enter after each; others are not touched"
        required
        data={services.map(({ value }) => value)}
        value={[...draft.services]}
        error={errorOf('services')}
        onChange={(names) => change({ services: names })}
      />
      {isNew && <SetField {...props} />}
    </Stack>
  );
}

/** Keys that were seen at the place, to choose from; any other can be written. */
function KeyField({ draft, change, errorOf }: FieldsProps) {
  const { location, services } = draft;
  const service = services.length === 1 ? services[0] : undefined;
  const attributes = useAttributes({ location, service, limit: 200 });
  const keys = [...new Set(attributes.data?.map(({ key }) => key))].sort();
  return (
    <Autocomplete
      label="Key"
      required
      maxLength={256}
      data={keys}
      limit={50}
      value={draft.key}
      error={errorOf('key')}
      onChange={(key) => change({ key })}
    />
  );
}

function SetField({ draft, change, errorOf }: FieldsProps) {
  const sets = usePolicySets();
  const names = sets.data?.map(({ name }) => name) ?? [draft.policySet];
  return (
    <NativeSelect
      label="Policy set"
      description="Which collectors get it, and in which stages"
      data={names}
      value={draft.policySet}
      error={errorOf('policy_set')}
      onChange={({ currentTarget }) => change({ policySet: currentTarget.value })}
    />
  );
}
