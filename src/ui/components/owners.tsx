import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import type { OwnerList } from '../../edge/serve/contract.js';
import { useOwners } from '../queries.js';
import { DataTable } from './data-table.js';
import { Loaded } from './loaded.js';
import { OwnerDialog } from './owner-dialog.js';
import { Nothing, Section } from './page.js';
import { Name, Tag } from './text.js';

export type Owner = OwnerList['data'][number];

const SOURCES: Readonly<Record<Owner['source'], string>> = {
  mapping: 'set here',
  backstage: 'Backstage catalogue',
  resource: 'resource attribute',
  'kubernetes-label': 'Kubernetes label',
  namespace: 'service.namespace',
  'kubernetes-namespace': 'Kubernetes namespace',
  codeowners: 'CODEOWNERS',
  none: 'nobody said',
};

/** Which team owns which service, and how that is known; those without a team come first. */
export function Owners() {
  const owners = useOwners();
  const [edited, setEdited] = useState<Owner | null>(null);
  const [said, setSaid] = useState('');
  const close = (message: string): void => {
    setEdited(null);
    setSaid(message);
  };
  return (
    <Section title="Owners of services" id="owners">
      <Text size="sm" c="dimmed" mb="sm">
        A team that is set here counts before what the spans themselves say.
      </Text>
      <Text size="sm" role="status">
        <Name>{said}</Name>
      </Text>
      <Loaded query={owners} what="the owners">
        {({ data }) =>
          data.length === 0 ? <Nothing title="No services yet" /> : <OwnerTable owners={data} onEdit={setEdited} />
        }
      </Loaded>
      {edited !== null && <OwnerDialog owner={edited} onClose={close} />}
    </Section>
  );
}

function OwnerTable({ owners, onEdit }: { owners: readonly Owner[]; onEdit: (owner: Owner) => void }) {
  const isUnowned = ({ source }: Owner): number => (source === 'none' ? 0 : 1);
  const rows = [...owners].sort((a, b) => isUnowned(a) - isUnowned(b));
  return (
    <DataTable
      caption="Owners of services"
      columns={[
        { header: 'Service', rowHeader: true, cell: ({ service }) => <Name>{service}</Name> },
        { header: 'Team', cell: (owner) => <Team owner={owner} /> },
        { header: 'Known from', cell: ({ source }) => SOURCES[source] },
        {
          header: 'Change',
          cell: (owner) => (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => onEdit(owner)}
              aria-label={`Set owner of ${owner.service}`}
            >
              Set owner
            </Button>
          ),
        },
      ]}
      rows={rows}
      keyOf={({ service }) => service}
    />
  );
}

function Team({ owner }: { owner: Owner }) {
  return (
    <Group gap="xs">{owner.source === 'none' ? <Tag tone="warn">△ unowned</Tag> : <Name>{owner.team}</Name>}</Group>
  );
}
