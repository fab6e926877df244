import { useSearch } from 'wouter';
import type { Collector } from '../../edge/serve/contract.js';
import { ConfigStatus, Drift, Health, kindOf, Labels, Seen, SetName, UpToDate } from './collector-state.js';
import styles from './collector-table.module.css';
import { type Column, DataTable } from './data-table.js';
import { CodeName, Name, PageLink } from './text.js';

interface Props {
  readonly rows: readonly Collector[];
  readonly isStale: boolean;
}

/** Collectors, each with what it has and is to have; the id leads to everything else. */
export function CollectorTable({ rows, isStale }: Props) {
  const search = useSearch();
  const columns: readonly Column<Collector>[] = [
    {
      header: 'Collector',
      rowHeader: true,
      className: styles.id,
      cell: ({ id }) => (
        <PageLink to={`/collectors?${withId(search, id)}`}>
          <CodeName>{id}</CodeName>
        </PageLink>
      ),
    },
    { header: 'Labels', className: styles.labels, cell: (collector) => <Labels collector={collector} /> },
    { header: 'Version', cell: ({ version }) => (version === '' ? '–' : <Name>{version}</Name>) },
    { header: 'By', cell: kindOf },
    { header: 'Policy set', cell: (collector) => <SetName {...collector} /> },
    { header: 'Status', cell: (collector) => <ConfigStatus {...collector} /> },
    { header: 'Policies', cell: (collector) => <UpToDate collector={collector} /> },
    { header: 'Drift', cell: (collector) => <Drift {...collector} /> },
    { header: 'Health', cell: (collector) => <Health {...collector} /> },
    { header: 'Seen last', cell: (collector) => <Seen collector={collector} /> },
  ];
  return <DataTable caption="Collectors" columns={columns} rows={rows} keyOf={({ id }) => id} isStale={isStale} />;
}

/** The address of the page with a collector opened in it. */
function withId(search: string, id: string): string {
  const query = new URLSearchParams(search);
  query.set('id', id);
  return query.toString();
}
