import { Button, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Rule } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { useRules } from '../queries.js';
import { type Column, DataTable } from './data-table.js';
import styles from './filters.module.css';
import { KIND_NAMES } from './finding-columns.js';
import { Loaded } from './loaded.js';
import { Nothing, Section } from './page.js';
import { Severity } from './severity.js';
import { CodeName, Name, Tag } from './text.js';

const SOURCES: Readonly<Record<Rule['source'], string>> = { shipped: 'Shipped', custom: 'Your own' };
const STATES: Readonly<Record<Rule['state'], string>> = { on: 'On', off: 'Off' };
/** Rows that are there at once; a filter finds the others. */
const FIRST_ROWS = 25;

const COLUMNS: readonly Column<Rule>[] = [
  { header: 'Finds', rowHeader: true, cell: ({ name }) => <Name>{name}</Name> },
  { header: 'Id', cell: ({ id }) => <CodeName>{id}</CodeName> },
  { header: 'Kind', cell: ({ kind }) => KIND_NAMES[kind] },
  { header: 'Severity', cell: ({ severity }) => <Severity level={severity} /> },
  { header: 'Confidence', cell: ({ confidence }) => (confidence === 'high' ? 'High' : 'Needs a look') },
  { header: 'Source', cell: ({ source }) => SOURCES[source] },
  { header: 'State', cell: (rule) => <State rule={rule} /> },
];

interface Filter {
  readonly text: string;
  readonly source: string;
  readonly kind: string;
  readonly state: string;
}

const NO_FILTER: Filter = { text: '', source: '', kind: '', state: '' };

/** All detectors with their state, and what narrows them. */
export function RuleTable() {
  const rules = useRules();
  const [filter, setFilter] = useState(NO_FILTER);
  return (
    <Section title="Detectors" id="detectors">
      <Stack gap="sm">
        <Filters filter={filter} onChange={setFilter} />
        <Loaded query={rules} what="the detectors" lines={12}>
          {({ data }) => <Rows key={JSON.stringify(filter)} rules={data.filter((rule) => fits(rule, filter))} />}
        </Loaded>
      </Stack>
    </Section>
  );
}

function Filters({ filter, onChange }: { filter: Filter; onChange: (filter: Filter) => void }) {
  const choice = (name: 'source' | 'kind' | 'state', label: string, names: Readonly<Record<string, string>>) => (
    <NativeSelect
      label={label}
      size="xs"
      className={styles.filter}
      value={filter[name]}
      onChange={({ currentTarget }) => onChange({ ...filter, [name]: currentTarget.value })}
      data={[{ value: '', label: 'All' }, ...Object.entries(names).map(([value, text]) => ({ value, label: text }))]}
    />
  );
  return (
    <Group gap="sm" align="flex-end" role="search" aria-label="Filters of detectors">
      <TextInput
        label="Name or id"
        size="xs"
        className={styles.filter}
        value={filter.text}
        onChange={({ currentTarget }) => onChange({ ...filter, text: currentTarget.value })}
      />
      {choice('source', 'Source', SOURCES)}
      {choice('kind', 'Kind', { secret: KIND_NAMES.secret, pii: KIND_NAMES.pii })}
      {choice('state', 'State', STATES)}
      {filter !== NO_FILTER && (
        <Button size="xs" variant="subtle" onClick={() => onChange(NO_FILTER)}>
          Clear filters
        </Button>
      )}
    </Group>
  );
}

function fits(rule: Rule, { text, source, kind, state }: Filter): boolean {
  const words = text.toLowerCase().split(/\s+/);
  const said = `${rule.name} ${rule.id} ${rule.family}`.toLowerCase();
  return (
    words.every((word) => said.includes(word)) &&
    (source === '' || rule.source === source) &&
    (kind === '' || rule.kind === kind) &&
    (state === '' || rule.state === state)
  );
}

function Rows({ rules }: { rules: readonly Rule[] }) {
  const [isWhole, setWhole] = useState(false);
  if (rules.length === 0) {
    return (
      <Nothing title="No detector matches these filters">
        Clear them, or write a detector of your own further down.
      </Nothing>
    );
  }
  const shown = isWhole ? rules : rules.slice(0, FIRST_ROWS);
  return (
    <>
      <DataTable caption="Detectors" columns={COLUMNS} rows={shown} keyOf={({ id }) => id} />
      <Group gap="sm">
        <Text size="sm" c="dimmed" role="status">
          {shown.length < rules.length ? `${shown.length} of ` : ''}
          {plural(rules.length, 'detector')}
        </Text>
        {shown.length < rules.length && (
          <Button size="xs" variant="default" onClick={() => setWhole(true)}>
            Show all
          </Button>
        )}
      </Group>
    </>
  );
}

function State({ rule: { state, reason } }: { rule: Rule }) {
  if (state === 'on') return <Tag tone="good">✓ on</Tag>;
  return (
    <>
      <Tag tone="warn">△ off</Tag> {reason}
    </>
  );
}
