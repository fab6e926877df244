import { Anchor } from '@mantine/core';
import { useState } from 'react';
import { useSearchParams } from 'wouter';
import { addressOf } from '../api.js';
import { CollectorDialog } from '../components/collector-details.js';
import { useAllCollectors, useCollectors } from '../components/collector-queries.js';
import { KIND_CHOICES, STATUS_CHOICES } from '../components/collector-state.js';
import { CollectorSummary, labelChoices } from '../components/collector-summary.js';
import { CollectorTable } from '../components/collector-table.js';
import { ConnectAnother, ConnectCollector } from '../components/connect-collector.js';
import { FilterBar, useUrlFilters } from '../components/filters.js';
import { LoadMore } from '../components/load-more.js';
import { Loaded } from '../components/loaded.js';
import { Nothing, Page } from '../components/page.js';
import { Said } from '../components/said.js';

const ABOUT = 'Who gets policies, what became of them there, and whether it is what they are to have.';
const NAMES = ['status', 'kind', 'online', 'drifted', 'healthy', 'label'] as const;

export function CollectorsPage() {
  const filters = useUrlFilters(NAMES);
  const collectors = useCollectors(filters.values);
  const all = useAllCollectors();
  const [said, setSaid] = useState('');
  const [id, close] = useOpened();
  const bar = [
    { name: 'status', label: 'Status', choices: STATUS_CHOICES },
    { name: 'kind', label: 'By', choices: KIND_CHOICES },
    { name: 'online', label: 'Online', choices: yesNo('Online', 'Offline') },
    { name: 'drifted', label: 'Drift', choices: yesNo('Drifted', 'As they are to be') },
    { name: 'healthy', label: 'Health', choices: yesNo('Healthy', 'Not healthy') },
    { name: 'label', label: 'Label', choices: labelChoices(all.data?.data ?? []) },
  ];
  return (
    <Page
      title="Collectors"
      about={ABOUT}
      actions={
        <Anchor href={addressOf('/collectors.csv', filters.values)} size="sm" download>
          Download as CSV
        </Anchor>
      }
    >
      <div>
        <Said message={said} />
        {all.data !== undefined && all.data.data.length > 0 && <CollectorSummary page={all.data} />}
      </div>
      {(filters.isSet || (all.data?.data.length ?? 0) > 0) && <FilterBar filters={bar} state={filters} />}
      <Loaded query={collectors} what="the collectors" lines={8}>
        {(rows) =>
          rows.length > 0 ? (
            <>
              <CollectorTable rows={rows} isStale={collectors.isPlaceholderData} />
              <LoadMore query={collectors} shown={rows.length} noun="collector" />
              <ConnectAnother />
            </>
          ) : filters.isSet ? (
            <Nothing title="No collector matches these filters">A label is a whole one, as region=eu.</Nothing>
          ) : (
            <ConnectCollector />
          )
        }
      </Loaded>
      {id !== null && (
        <CollectorDialog
          id={id}
          onClose={(message) => {
            setSaid(message);
            close();
          }}
        />
      )}
    </Page>
  );
}

/** The collector that the address names, and how its dialog is closed. */
function useOpened(): [string | null, () => void] {
  const [params, setParams] = useSearchParams();
  const close = (): void =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        next.delete('id');
        return next;
      },
      { replace: true },
    );
  return [params.get('id'), close];
}

function yesNo(yes: string, no: string) {
  return [
    { value: 'true', label: yes },
    { value: 'false', label: no },
  ];
}
