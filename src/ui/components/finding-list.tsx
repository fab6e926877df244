import { Button, Checkbox, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { Finding } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { type Column, DataTable } from './data-table.js';
import { FINDING_COLUMNS } from './finding-columns.js';
import styles from './finding-list.module.css';
import type { State } from './finding-state.js';
import { MOST_AT_ONCE, TriageDialog } from './triage-dialog.js';

interface Props {
  readonly rows: readonly Finding[];
  readonly isStale: boolean;
  /** Told what was done; the rows that it was done to may be gone by then, and this list with them. */
  readonly onDone: (message: string) => void;
}

/** Findings, of which some can be chosen and decided on together. */
export function FindingList({ rows, isStale, onDone }: Props) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<{ findings: readonly Finding[]; state: State } | null>(null);
  const chosen = rows.filter(({ id }) => ids.has(id));
  const close = (message: string): void => {
    setAsked(null);
    onDone(message);
    if (message !== '') setIds(new Set());
  };
  return (
    <div>
      <ChosenBar
        chosen={chosen}
        onDecide={(state) => setAsked({ findings: chosen, state })}
        onClear={() => setIds(new Set())}
      />
      <DataTable
        caption="Findings"
        columns={[chooser(rows, ids, setIds), ...FINDING_COLUMNS]}
        rows={rows}
        keyOf={({ id }) => id}
        isStale={isStale}
      />
      {asked !== null && <TriageDialog {...asked} onClose={close} />}
    </div>
  );
}

/** The column of boxes. */
function chooser(
  rows: readonly Finding[],
  ids: ReadonlySet<string>,
  onChange: (ids: ReadonlySet<string>) => void,
): Column<Finding> {
  const count = rows.filter(({ id }) => ids.has(id)).length;
  const toggle = (id: string): void => {
    const next = new Set(ids);
    if (!next.delete(id)) next.add(id);
    onChange(next);
  };
  const all = count === rows.length ? [] : rows.map(({ id }) => id);
  return {
    header: 'Choose',
    head: (
      <Checkbox
        size="xs"
        aria-label="Choose all that are shown"
        checked={count > 0 && count === rows.length}
        indeterminate={count > 0 && count < rows.length}
        onChange={() => onChange(new Set(all))}
      />
    ),
    cell: ({ id, detector, service, key }) => (
      <Checkbox
        size="xs"
        aria-label={`Choose ${detector.name} in ${key} of ${service}`}
        checked={ids.has(id)}
        onChange={() => toggle(id)}
      />
    ),
  };
}

interface BarProps {
  readonly chosen: readonly Finding[];
  readonly onDecide: (state: State) => void;
  readonly onClear: () => void;
}

const DECISIONS: readonly { readonly state: State; readonly verb: string }[] = [
  { state: 'resolved', verb: 'Resolve …' },
  { state: 'acknowledged', verb: 'Acknowledge …' },
  { state: 'open', verb: 'Open again …' },
];

function ChosenBar({ chosen, onDecide, onClear }: BarProps) {
  if (chosen.length === 0) return null;
  const isTooMany = chosen.length > MOST_AT_ONCE;
  const would = ({ state }: { state: State }): boolean =>
    !isTooMany && (state === 'resolved' || chosen.some((finding) => finding.state !== state));
  return (
    <Group gap="xs" className={styles.bar} role="group" aria-label="Chosen findings">
      <Text size="sm" fw={600} role="status">
        {plural(chosen.length, 'finding')} chosen
        {isTooMany && `; at most ${MOST_AT_ONCE} can be changed at once`}
      </Text>
      {DECISIONS.filter(would).map(({ state, verb }, i) => (
        <Button key={state} size="compact-sm" variant={i === 0 ? 'filled' : 'default'} onClick={() => onDecide(state)}>
          {verb}
        </Button>
      ))}
      <Button size="compact-sm" variant="subtle" onClick={onClear}>
        Choose none
      </Button>
    </Group>
  );
}
