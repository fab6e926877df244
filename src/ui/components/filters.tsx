import { Button, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
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
  /** What stands there while nothing is chosen. */
  readonly otherwise?: string;
}

/** Filters as they stand in the address of the page, so that it can be shared and gone back to. */
export function useUrlFilters<N extends string>(names: readonly N[]) {
  const [params, setParams] = useSearchParams();
  const values = Object.fromEntries(names.map((name) => [name, params.get(name) || undefined])) as Partial<
    Record<N, string>
  >;
  const set = (name: N, value: string | null, options?: { readonly replace: boolean }): void => {
    setParams((before) => {
      const next = new URLSearchParams(before);
      if (value) next.set(name, value);
      else next.delete(name);
      return next;
    }, options);
  };
  const isSet = names.some((name) => values[name] !== undefined);
  const clear = (): void => setParams({});
  return { values, set, isSet, clear };
}

interface Props {
  readonly filters: readonly Filter[];
  /** A field for text before the choices. */
  readonly search?: { readonly name: string; readonly label: string };
  readonly state: {
    readonly values: Readonly<Record<string, string | undefined>>;
    readonly set: (name: never, value: string | null, options?: { readonly replace: boolean }) => void;
    readonly isSet: boolean;
    readonly clear: () => void;
  };
}

/** A row of choices above a list. */
export function FilterBar({ filters, search, state }: Props) {
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label="Filters">
      {search !== undefined && (
        <SearchField
          label={search.label}
          value={state.values[search.name] ?? ''}
          onChange={(value) => state.set(search.name as never, value, { replace: true })}
        />
      )}
      {filters.map(({ name, label, choices, otherwise = 'All' }) => (
        <Select
          key={name}
          label={label}
          placeholder={otherwise}
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

interface SearchProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

const TYPING_MS = 300;
const MOST_CHARACTERS = 100;

/** Text that is looked for, a moment after the last key. */
function SearchField({ label, value, onChange }: SearchProps) {
  const [text, setText] = useState(value);
  const said = useRef(value);
  const say = useDebouncedCallback((next: string) => {
    said.current = next;
    onChange(next);
  }, TYPING_MS);
  // The address can change otherwise than by typing here: back, or all filters cleared.
  useEffect(() => {
    if (said.current === value) return;
    said.current = value;
    setText(value);
  }, [value]);
  return (
    <TextInput
      label={label}
      size="xs"
      type="search"
      className={styles.filter}
      value={text}
      maxLength={MOST_CHARACTERS}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        say(currentTarget.value.trim());
      }}
    />
  );
}
