import { Button, Group, Stack, TextInput } from '@mantine/core';
import type { FieldsProps } from './policy-action-fields.js';
import type { PatternRow } from './policy-form.js';

/** Patterns of what is masked, one or more. */
export function PatternRows({ draft: { patterns }, change, errorOf }: FieldsProps) {
  const put = (at: number, row: Partial<PatternRow>): void =>
    change({ patterns: patterns.map((old, i) => (i === at ? { ...old, ...row } : old)) });
  return (
    <Stack gap="xs">
      {patterns.map(({ pattern }, i) => (
        <Group key={i} gap="xs" align="flex-start" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            label={patterns.length === 1 ? 'Pattern' : `Pattern ${i + 1}`}
            description={
              i === 0 ? 'RE2. What matches becomes ****; with a group (?P<match>…) only that part' : undefined
            }
            required
            maxLength={4_096}
            spellCheck={false}
            value={pattern}
            error={errorOf(`action.patterns.${i}.pattern`)}
            onChange={({ currentTarget }) => put(i, { pattern: currentTarget.value })}
          />
          {patterns.length > 1 && (
            <Button
              size="compact-sm"
              variant="default"
              mt={i === 0 ? 44 : 26}
              aria-label={`Remove pattern ${i + 1}`}
              onClick={() => change({ patterns: patterns.filter((_, at) => at !== i) })}
            >
              Remove
            </Button>
          )}
        </Group>
      ))}
      <Group>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => change({ patterns: [...patterns, { detector: '', pattern: '' }] })}
        >
          Add a pattern
        </Button>
      </Group>
    </Stack>
  );
}
