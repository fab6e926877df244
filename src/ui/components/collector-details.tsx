import { Stack, Text, Title } from '@mantine/core';
import type { CollectorDetail, CollectorReport } from '../../edge/serve/contract.js';
import { plural } from '../format.js';
import { useCollector, useForget } from './collector-queries.js';
import { ConfigStatus, Drift, Health, kindOf, Labels, Seen, SetName, UpToDate } from './collector-state.js';
import { type Column, DataTable } from './data-table.js';
import { Dialog } from './dialog.js';
import { Facts } from './figures.js';
import { Loaded } from './loaded.js';
import { WarningNote } from './note.js';
import { RoleHint, useMay } from './roles.js';
import { CodeForm, CodeName, Name, Time } from './text.js';
import { TwoStep } from './two-step.js';

interface Props {
  readonly id: string;
  readonly onClose: (message: string) => void;
}

/** Everything that is known of a collector, and a way to forget it. */
export function CollectorDialog({ id, onClose }: Props) {
  const collector = useCollector(id);
  return (
    <Dialog title={`Collector ${id}`} onClose={() => onClose('')} isWide>
      <Loaded query={collector} what="the collector">
        {(data) => (
          <Stack gap="md">
            <Details collector={data} />
            <Forget collector={data} onDone={() => onClose(`The collector ${id} is forgotten.`)} />
          </Stack>
        )}
      </Loaded>
    </Dialog>
  );
}

function Details({ collector }: { collector: CollectorDetail }) {
  const { kind, version, components, history, failed_hashes: failed } = collector;
  return (
    <>
      <Facts
        facts={[
          { name: 'Comes by policies', value: kindOf(collector) },
          { name: 'Version', value: version === '' ? '–' : <Name>{version}</Name> },
          { name: 'Policy set', value: <SetName {...collector} /> },
          { name: 'Labels', value: <Labels collector={collector} /> },
          { name: 'Policies', value: <UpToDate collector={collector} /> },
          { name: 'It is to run', value: <Hash hash={collector.wanted_hash} /> },
          { name: 'It spoke last of', value: <Hash hash={collector.reported_hash} /> },
          { name: 'Status', value: <ConfigStatus {...collector} /> },
          { name: 'Drift', value: <Drift {...collector} /> },
          { name: 'Health', value: <Health {...collector} /> },
          { name: 'Seen first', value: <Time iso={collector.first_seen} /> },
          { name: 'Seen last', value: <Seen collector={collector} /> },
        ]}
      />
      {failed.length > 0 && (
        <WarningNote title="Could not take">
          {plural(failed.length, 'configuration')}: {failed.map(short).join(', ')}.
          {kind === 'opamp' && ' What it could not take is not offered to it again until it is forgotten.'}
        </WarningNote>
      )}
      <section aria-labelledby="collector-history">
        <Title order={3} id="collector-history" mb={6}>
          What it said of configurations
        </Title>
        {history.length === 0 ? (
          <Text size="sm">
            Nothing yet.{collector.kind === 'pull' && ' Who pulls by itself says nothing; an agent beside it does.'}
          </Text>
        ) : (
          <DataTable caption="History of configurations" columns={HISTORY} rows={history} keyOf={keyOf} />
        )}
      </section>
      {components !== null && components.length > 0 && (
        <section aria-labelledby="collector-components">
          <Title order={3} id="collector-components" mb={6}>
            Components
          </Title>
          <Text size="sm" component="p" m={0}>
            {components.map((component) => (
              <span key={component}>
                <CodeName>{component}</CodeName>{' '}
              </span>
            ))}
          </Text>
        </section>
      )}
    </>
  );
}

const HISTORY: readonly Column<CollectorReport>[] = [
  { header: 'When', rowHeader: true, cell: ({ at }) => <Time iso={at} /> },
  { header: 'Configuration', cell: ({ hash }) => <Hash hash={hash} /> },
  { header: 'Status', cell: (report) => <ConfigStatus {...report} /> },
];

function keyOf({ at, hash, status }: CollectorReport): string {
  return `${at} ${hash} ${status}`;
}

function short(hash: string): string {
  return hash.slice(0, 12);
}

/** The first digits of a hash; all of them on hover. */
function Hash({ hash }: { hash: string }) {
  if (hash === '') return '–';
  return (
    <span title={hash}>
      <CodeForm>{short(hash)}</CodeForm>
    </span>
  );
}

function Forget({ collector, onDone }: { collector: CollectorDetail; onDone: () => void }) {
  const forget = useForget(onDone);
  const may = useMay();
  if (!may('editor')) return <RoleHint needs={{ editor: 'Forgetting a collector that is gone' }} />;
  const back = collector.online ? ' It is there now, so it comes back as soon as it speaks again.' : '';
  return (
    <TwoStep
      label="Forget this collector"
      warning={`It leaves the list, with its history and what it could not take.${back}`}
      confirm="Forget it"
      refused="Not forgotten"
      error={forget.error}
      isPending={forget.isPending}
      onConfirm={() => forget.mutate(collector)}
    />
  );
}
