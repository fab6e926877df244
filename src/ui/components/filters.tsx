import { Button, Group, Select } from '@mantine/core';
import { useSearchParams } from 'wouter';
import styles from './filters.module.css';

export interface Choice {
  readonly value: string;
  readonly label: string;
}

export interface Filter {
  readonly name: string;
  readonly label: string;
  readonly choices: readonly Choice[];
}

/** Filters as they stand in the address of the page, so that it can be shared and gone back to. */
export function useUrlFilters<N extends string>(names: readonly N[]) {
  const [params, setParams] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, params.get(name) || undefined])) as Partial<
    Record<N, string>
  >;
  const set = (name: N, value: string | null): void => {
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    });
  };
  const isSet = names.some((name) => values[name] !== undefined);
  const clear = (): void => setParams({});
  return { values, set, isSet, clear };
}

interface Props {
  readonly filters: readonly Filter[];
  readonly state: {
    readonly values: Readonly<Record<string, string | undefined>>;
    readonly set: (name: never, value: string | null) => void;
    readonly isSet: boolean;
    readonly clear: () => void;
  };
}

/** A row of choices above a list. */
export function FilterBar({ filters, state }: Props) {
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label="Filters">
      {filters.map(({ name, label, choices }) => (
        <Select
          key={name}
          label={label}
          placeholder="All"
          size="xs"
          className={styles.filter}
          data={withValue(choices, state.values[name])}
          value={state.values[name] ?? null}
          onChange={(value) => state.set(name as never, value)}
          clearable
          clearButtonProps={{ 'aria-label': `Clear ${label.toLowerCase()}` }}
          searchable={choices.length > 8}
          limit={100}
          nothingFoundMessage="Nothing of that name"
        />
      ))}
      {state.isSet && (
        <Button size="xs" variant="subtle" onClick={state.clear}>
          Clear filters
        </Button>
      )}
    </Group>
  );
}

/** A value from the address may be none of the choices, and is shown all the same. */
function withValue(choices: readonly Choice[], value: string | undefined): Choice[] {
  const isKnown = value === undefined || choices.some((choice) => choice.value === value);
  return isKnown ? [...choices] : [{ value, label: value }, ...choices];
}
