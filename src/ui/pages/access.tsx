import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { AccessToken, SignInLink } from '../../edge/serve/contract.js';
import { send } from '../api.js';
import { LinkDialog } from '../components/link-dialog.js';
import { LoadMore } from '../components/load-more.js';
import { ErrorText, Loaded } from '../components/loaded.js';
import { ErrorNote } from '../components/note.js';
import { Nothing, Page } from '../components/page.js';
import { RevokeDialog } from '../components/revoke-dialog.js';
import { Said } from '../components/said.js';
import { TokenDialog } from '../components/token-dialog.js';
import { TokenTable } from '../components/token-table.js';
import { useTokens } from '../queries.js';

type Opened = { readonly what: 'add' } | { readonly what: 'revoke'; readonly token: AccessToken };

export function AccessPage() {
  const tokens = useTokens();
  const client = useQueryClient();
  const [opened, setOpened] = useState<Opened | null>(null);
  const [said, setSaid] = useState('');
  const link = useMutation({
    mutationFn: ({ id }: AccessToken) => send<SignInLink>('POST', `/tokens/${id}/sign-in-link`),
  });
  const close = async (message: string): Promise<void> => {
    setOpened(null);
    setSaid(message);
    if (message !== '') await client.invalidateQueries({ queryKey: ['tokens'] });
  };
  return (
    <Page
      title="Access"
      about="Tokens of people and programs. Each has a name, which is on record for what is done with it, and roles."
      actions={
        <Button size="xs" onClick={() => setOpened({ what: 'add' })}>
          Make a token
        </Button>
      }
    >
      <Said message={said} />
      {link.error !== null && (
        <ErrorNote title="There is no link">
          <ErrorText error={link.error} />
        </ErrorNote>
      )}
      <Loaded query={tokens} what="the tokens">
        {(rows) =>
          rows.length === 0 ? (
            <Nothing title="Everybody is admin so far">
              Give each person and each collector a token of its own: then the audit log says who did what, and policies
              that drop data can take two people.
            </Nothing>
          ) : (
            <>
              <TokenTable
                rows={rows}
                onLink={(token) => link.mutate(token)}
                onRevoke={(token) => setOpened({ what: 'revoke', token })}
                isBusy={link.isPending}
              />
              <LoadMore query={tokens} shown={rows.length} noun="token" />
            </>
          )
        }
      </Loaded>
      {opened?.what === 'add' && <TokenDialog onClose={close} />}
      {opened?.what === 'revoke' && <RevokeDialog token={opened.token} onClose={close} />}
      {link.data !== undefined && <LinkDialog link={link.data} subject={link.variables.subject} onClose={link.reset} />}
    </Page>
  );
}
