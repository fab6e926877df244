import { Button, Group } from '@mantine/core';
import type { AccessToken } from '../../edge/serve/contract.js';
import { type Column, DataTable } from './data-table.js';
import { LabelList } from './labels.js';
import { Name, Tag, Time } from './text.js';

interface Props {
  readonly rows: readonly AccessToken[];
  readonly onLink: (token: AccessToken) => void;
  readonly onRevoke: (token: AccessToken) => void;
  readonly isBusy: boolean;
}

const STATES: Readonly<Record<AccessToken['state'], { label: string; tone?: 'good' | 'warn' | 'bad' }>> = {
  active: { label: '✓ active', tone: 'good' },
  expired: { label: '– expired' },
  revoked: { label: '✕ revoked' },
};

/** Tokens without their secrets. */
export function TokenTable({ rows, onLink, onRevoke, isBusy }: Props) {
  const time = (iso: string | null, otherwise: string) => (iso === null ? otherwise : <Time iso={iso} />);
  const columns: readonly Column<AccessToken>[] = [
    { header: 'Name', rowHeader: true, cell: ({ subject }) => <Name>{subject}</Name> },
    { header: 'Roles', cell: ({ roles }) => roles.join(', ') },
    { header: 'Labels', cell: ({ labels }) => <LabelList labels={labels} /> },
    { header: 'State', cell: ({ state }) => <State state={state} /> },
    { header: 'Ends', cell: ({ expires_at }) => time(expires_at, 'never') },
    { header: 'Used last', cell: ({ last_used_at }) => time(last_used_at, 'never') },
    { header: 'Made', cell: ({ created_at }) => <Time iso={created_at} /> },
    { header: 'By', cell: ({ author }) => <Name>{author}</Name> },
    {
      header: 'Change',
      cell: (token) =>
        token.state !== 'active' ? (
          '–'
        ) : (
          <Group gap={6} wrap="nowrap">
            {!token.roles.includes('collector') && (
              <Button
                size="compact-xs"
                variant="default"
                disabled={isBusy}
                onClick={() => onLink(token)}
                aria-label={`Sign-in link for ${token.subject}`}
              >
                Sign-in link
              </Button>
            )}
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => onRevoke(token)}
              aria-label={`Revoke the token of ${token.subject}`}
            >
              Revoke
            </Button>
          </Group>
        ),
    },
  ];
  return <DataTable caption="Tokens" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

function State({ state }: { state: AccessToken['state'] }) {
  const { label, tone } = STATES[state];
  return tone === undefined ? <Tag>{label}</Tag> : <Tag tone={tone}>{label}</Tag>;
}
