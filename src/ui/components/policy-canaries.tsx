import type { LatestCanary } from '../../edge/serve/contract.js';
import { formatCount } from '../format.js';
import { type Column, DataTable } from './data-table.js';
import { Panel } from './page.js';
import { useCanaries } from './policy-detail-queries.js';
import { CodeForm, Name, Tag, Time } from './text.js';

/** What came of canaries of a policy in the last seven days; nothing where there were none. */
export function PolicyCanaries({ policy }: { policy: string }) {
  const { data = [] } = useCanaries(policy);
  if (data.length === 0) return null;
  return (
    <Panel title="Canaries of the last seven days" id="canaries">
      <DataTable caption="Canaries" columns={COLUMNS} rows={data} keyOf={({ collector }) => collector} />
    </Panel>
  );
}

const VERDICTS: Readonly<Record<LatestCanary['verdict'], readonly [string, 'good' | 'warn' | 'bad']>> = {
  clean: ['✓ clean', 'good'],
  leaked: ['✕ leaked', 'bad'],
  lost: ['! lost', 'warn'],
};

const COLUMNS: readonly Column<LatestCanary>[] = [
  {
    header: 'Collector',
    rowHeader: true,
    cell: ({ collector, verdict }) =>
      collector !== '' ? <Name>{collector}</Name> : verdict === 'lost' ? 'none: it did not come back' : 'unnamed',
  },
  {
    header: 'Verdict',
    cell: ({ verdict }) => <Tag tone={VERDICTS[verdict][1]}>{VERDICTS[verdict][0]}</Tag>,
  },
  { header: 'Version', numeric: true, cell: ({ version }) => formatCount(version) },
  {
    header: 'Passed revision',
    cell: ({ revision }) => (revision === '' ? '–' : <CodeForm>{revision}</CodeForm>),
  },
  { header: 'When', cell: ({ at }) => <Time iso={at} /> },
];
