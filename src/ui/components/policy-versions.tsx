import { Button, Stack } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { Policy } from '../../edge/serve/contract.js';
import { formatCount } from '../format.js';
import { CodeBlock } from './code-block.js';
import { type Column, DataTable } from './data-table.js';
import styles from './policy-card.module.css';
import { PolicyStateTag } from './policy-state.js';
import { Name, Time } from './text.js';

const ConfigDiff = lazy(() => import('./config-diff.js'));

/** All versions of a policy, with the configuration of the one that is chosen, and what it changed. */
export function VersionTable({ versions }: { versions: readonly Policy[] }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const at = versions.findIndex(({ version }) => version === chosen);
  const [opened, before] = at === -1 ? [] : versions.slice(at);
  const columns: readonly Column<Policy>[] = [
    { header: 'Version', rowHeader: true, numeric: true, cell: ({ version }) => formatCount(version) },
    { header: 'State', cell: ({ state }) => <PolicyStateTag state={state} /> },
    { header: 'Title', className: styles.titleCell, cell: ({ title }) => <Name>{title}</Name> },
    { header: 'By', className: styles.nameCell, cell: ({ author }) => <Name>{author}</Name> },
    { header: 'Written', cell: ({ created_at: at }) => <Time iso={at} /> },
    { header: 'Decided', cell: ({ decided_at: at }) => (at === null ? '–' : <Time iso={at} />) },
    { header: 'Decided by', cell: ({ decided_by: by }) => (by === null ? '–' : <Name>{by}</Name>) },
    {
      header: 'Configuration',
      cell: ({ version }) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-expanded={version === chosen}
          aria-label={`${version === chosen ? 'Hide' : 'Show'} configuration of version ${version}`}
          onClick={() => setChosen(version === chosen ? null : version)}
        >
          {version === chosen ? 'Hide' : 'Show'}
        </Button>
      ),
    },
  ];
  return (
    <Stack gap="sm">
      <DataTable caption="Versions" columns={columns} rows={versions} keyOf={({ version }) => String(version)} />
      {opened !== undefined && before !== undefined && (
        <Suspense fallback={null}>
          <ConfigDiff
            label={`What version ${opened.version} changes of version ${before.version}`}
            before={before.preview}
            after={opened.preview}
          />
        </Suspense>
      )}
      {opened !== undefined && (
        <CodeBlock label={`Collector configuration of version ${opened.version}`} code={opened.preview} />
      )}
    </Stack>
  );
}
