import { Button, Group, Input, Stack, TextInput } from '@mantine/core';
import { LabelsInput } from './labels-input.js';
import type { StageDraft } from './policy-set-form.js';

interface Props {
  readonly stages: readonly StageDraft[];
  readonly onChange: (stages: StageDraft[]) => void;
  /** What is wrong with a field, by its name in the API. */
  readonly errorOf: (field: string) => string | undefined;
}

const MOST = 10;

/** Stages of a roll-out in their order, each with a name and the labels of its collectors. */
export function StageRows({ stages, onChange, errorOf }: Props) {
  const put = (at: number, fields: Partial<StageDraft>): void =>
    onChange(stages.map((stage, i) => (i === at ? { ...stage, ...fields } : stage)));
  return (
    <Input.Wrapper
      label="Stages"
      labelElement="div"
      description="In order; without labels all collectors, who come last in any case"
      error={errorOf('stages')}
    >
      <Stack gap="xs" mt={4} role="group" aria-label="Stages">
        {stages.map((stage, i) => (
          <Group key={i} gap="xs" align="flex-end" wrap="wrap">
            <TextInput
              label={`Name of stage ${i + 1}`}
              maxLength={63}
              style={{ flex: '1 1 120px' }}
              value={stage.name}
              error={errorOf(`stages.${i}.name`)}
              onChange={({ currentTarget }) => put(i, { name: currentTarget.value })}
            />
            <div style={{ flex: '3 1 220px' }}>
              <LabelsInput
                label={`Labels of stage ${i + 1}`}
                value={stage.labels}
                error={errorOf(`stages.${i}.labels`)}
                onChange={(labels) => put(i, { labels })}
              />
            </div>
            <StageButtons stages={stages} at={i} onChange={onChange} />
          </Group>
        ))}
        {stages.length < MOST && (
          <Group>
            <Button size="compact-sm" variant="default" onClick={() => onChange([...stages, { name: '', labels: [] }])}>
              Add a stage
            </Button>
          </Group>
        )}
      </Stack>
    </Input.Wrapper>
  );
}

function StageButtons({ stages, at, onChange }: Pick<Props, 'stages' | 'onChange'> & { at: number }) {
  const earlier = (): void => {
    const next = [...stages];
    next.splice(at - 1, 0, ...next.splice(at, 1));
    onChange(next);
  };
  return (
    <Group gap={6} mb={4} wrap="nowrap">
      {at > 0 && (
        <Button size="compact-sm" variant="default" aria-label={`Stage ${at + 1} one earlier`} onClick={earlier}>
          ↑
        </Button>
      )}
      {stages.length > 1 && (
        <Button
          size="compact-sm"
          variant="default"
          aria-label={`Remove stage ${at + 1}`}
          onClick={() => onChange(stages.filter((_, i) => i !== at))}
        >
          Remove
        </Button>
      )}
    </Group>
  );
}
