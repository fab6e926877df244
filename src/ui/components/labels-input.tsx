import { TagsInput } from '@mantine/core';
import { useAllCollectors } from './collector-queries.js';
import { labelChoices } from './collector-summary.js';

interface Props {
  readonly label: string;
  readonly description?: string;
  readonly value: readonly string[];
  readonly error: string | undefined;
  readonly onChange: (labels: string[]) => void;
}

/** Labels, each as `name=value`; those that collectors have can be chosen. */
export function LabelsInput({ value, ...props }: Props) {
  const collectors = useAllCollectors();
  const known = labelChoices(collectors.data?.data ?? []).map((choice) => choice.value);
  return <TagsInput {...props} value={[...value]} data={known} limit={50} splitChars={[]} />;
}
