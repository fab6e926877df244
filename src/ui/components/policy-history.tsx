import type { AuditEvent } from '../../edge/serve/contract.js';
import { type Column, DataTable } from './data-table.js';
import { LoadMore } from './load-more.js';
import { Loaded } from './loaded.js';
import { Panel } from './page.js';
import { usePolicyHistory } from './policy-detail-queries.js';
import { Name, Time } from './text.js';

/** Every step of a policy's life, from the audit log. */
export function PolicyHistory({ id }: { id: string }) {
  const events = usePolicyHistory(id);
  return (
    <Panel title="History" id="history">
      <Loaded query={events} what="the history" lines={4}>
        {(rows) =>
          rows.length === 0 ? (
            'spanwarden suggested it; nobody has done anything with it yet.'
          ) : (
            <>
              <DataTable caption="History" columns={COLUMNS} rows={rows} keyOf={({ seq }) => String(seq)} />
              <LoadMore query={events} shown={rows.length} noun="step" />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

const STEPS: Readonly<Record<string, string>> = {
  'policy.draft': 'written',
  'policy.revise': 'changed',
  'policy.approve': 'approved',
  'policy.reject': 'rejected',
  'policy.pause': 'roll-out paused',
  'policy.resume': 'roll-out resumed',
  'policy.continue': 'gone on without proof',
  'policy.advance': 'gone on to the next stage',
  'policy.halt': 'roll-out halted',
  'policy.activate': 'active',
  'policy.supersede': 'superseded',
  'policy.restore': 'in force again',
  'policy.roll-back': 'rolled back',
};

const COLUMNS: readonly Column<AuditEvent>[] = [
  { header: 'When', rowHeader: true, cell: ({ at }) => <Time iso={at} /> },
  { header: 'Step', cell: ({ action }) => STEPS[action] ?? action },
  { header: 'Version', numeric: true, cell: ({ details }) => String(details.version ?? '–') },
  { header: 'Who', cell: ({ actor }) => <Name>{actor}</Name> },
  { header: 'Details', cell: ({ details }) => <Details details={details} /> },
];

/** What a step says besides its version, such as the stage and why. */
const SHOWN = ['stage', 'verdict', 'why', 'waiver', 'simulated', 'restored'] as const;

function Details({ details }: { details: AuditEvent['details'] }) {
  const said = SHOWN.flatMap((name) => {
    const value = details[name];
    return value === undefined || value === null || value === '' ? [] : [[name, wordOf(value)] as const];
  });
  if (said.length === 0) return '–';
  return said.map(([name, value]) => (
    <div key={name}>
      <small>{name}</small> <Name>{value}</Name>
    </div>
  ));
}

function wordOf(value: AuditEvent['details'][string]): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value);
}
