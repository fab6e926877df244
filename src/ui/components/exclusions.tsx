import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Exclusion } from '../../edge/serve/contract.js';
import { send } from '../api.js';
import { rulesChanged, useExclusions } from '../queries.js';
import { DataTable } from './data-table.js';
import { ExclusionDialog } from './exclusion-dialog.js';
import { LoadMore } from './load-more.js';
import { ErrorText, Loaded } from './loaded.js';
import { ErrorNote } from './note.js';
import { Nothing, Section } from './page.js';
import { CodeName, Name, Tag, Time } from './text.js';

/** What is no finding although a detector matches, why, and until when. */
export function Exclusions() {
  const exclusions = useExclusions();
  const [isAdding, setAdding] = useState(false);
  const [said, setSaid] = useState('');
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: ({ id }: Exclusion) => send('DELETE', `/exclusions/${id}`),
    onSuccess: async () => {
      setSaid('The exclusion is removed: what it covered is a finding again when it comes.');
      await rulesChanged(client);
    },
  });
  return (
    <Section title="Exclusions" id="exclusions">
      <Group justify="space-between" gap="sm" mb="sm">
        <Text size="sm" c="dimmed">
          What is no finding although a detector matches. An exclusion ends by itself.
        </Text>
        <Button size="xs" variant="default" onClick={() => setAdding(true)}>
          Add an exclusion
        </Button>
      </Group>
      <Text size="sm" role="status">
        {said}
      </Text>
      {remove.error !== null && (
        <ErrorNote title="The exclusion cannot be removed">
          <ErrorText error={remove.error} />
        </ErrorNote>
      )}
      <Loaded query={exclusions} what="the exclusions" lines={3}>
        {(rows) =>
          rows.length === 0 ? (
            <Nothing title="Nothing is excluded">
              Where a detector finds what you know to be harmless, add an exclusion with a reason.
            </Nothing>
          ) : (
            <>
              <ExclusionTable rows={rows} onRemove={(row) => remove.mutate(row)} isBusy={remove.isPending} />
              <LoadMore query={exclusions} shown={rows.length} noun="exclusion" />
            </>
          )
        }
      </Loaded>
      {isAdding && (
        <ExclusionDialog
          onClose={(message) => {
            setAdding(false);
            setSaid(message);
          }}
        />
      )}
    </Section>
  );
}

interface TableProps {
  readonly rows: readonly Exclusion[];
  readonly onRemove: (row: Exclusion) => void;
  readonly isBusy: boolean;
}

function ExclusionTable({ rows, onRemove, isBusy }: TableProps) {
  const part = (text: string | null) => (text === null ? 'any' : <CodeName>{text}</CodeName>);
  return (
    <DataTable
      caption="Exclusions"
      columns={[
        { header: 'Reason', rowHeader: true, cell: ({ reason }) => <Name>{reason}</Name> },
        { header: 'Detector', cell: ({ detector }) => part(detector) },
        { header: 'Service', cell: ({ service }) => part(service) },
        { header: 'Key', cell: ({ key }) => part(key) },
        { header: 'Value', cell: ({ fingerprint }) => part(fingerprint) },
        { header: 'By', cell: ({ author }) => <Name>{author}</Name> },
        { header: 'Ends', cell: ({ expires_at }) => (expires_at === null ? 'never' : <Time iso={expires_at} />) },
        {
          header: 'State',
          cell: ({ state }) => (state === 'in-force' ? <Tag tone="good">✓ in force</Tag> : <Tag>– {state}</Tag>),
        },
        {
          header: 'Change',
          cell: (row) => (
            <Button
              size="compact-xs"
              variant="default"
              disabled={isBusy}
              onClick={() => onRemove(row)}
              aria-label={`Remove exclusion: ${row.reason}`}
            >
              Remove
            </Button>
          ),
        },
      ]}
      rows={rows}
      keyOf={({ id }) => id}
    />
  );
}
