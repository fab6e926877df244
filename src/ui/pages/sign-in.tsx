import { Button, Code, List, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useWindowEvent } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useCallback, useEffect, useState } from 'react';
import { useLocation, useSearchParams } from 'wouter';
import type { Session } from '../../edge/serve/contract.js';
import { ApiError, send } from '../api.js';
import { ErrorText } from '../components/loaded.js';
import { ErrorNote } from '../components/note.js';
import styles from './sign-in.module.css';

/** Opens a session: with the one-time token in the fragment of the address, or with a token of a person. */
export function SignInPage() {
  const signIn = useSignIn();
  const [token, setToken] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (token.trim() !== '') signIn.mutate(token.trim());
  };
  return (
    <main className={styles.page}>
      <Paper withBorder p="xl" w={420} maw="100%" className={styles.card}>
        <form onSubmit={submit}>
          <Stack gap="md">
            <Title order={1}>Sign in to spanwarden</Title>
            {signIn.error !== null && <SignInError error={signIn.error} />}
            <PasswordInput
              label="Token"
              value={token}
              onChange={({ currentTarget }) => setToken(currentTarget.value)}
              autoComplete="current-password"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
              required
            />
            <Button type="submit" loading={signIn.isPending}>
              Sign in
            </Button>
            <Hints />
          </Stack>
        </form>
      </Paper>
    </main>
  );
}

function Hints() {
  return (
    <Text size="sm" c="dimmed" component="div">
      The token is one of these:
      <List size="sm" mt={4}>
        <List.Item>one that an administrator made for you</List.Item>
        <List.Item>
          the content of <Code>admin-token</Code> in the home folder of the service (<Code>SPANWARDEN_HOME</Code>)
        </List.Item>
        <List.Item>
          what <Code>SPANWARDEN_ADMIN_TOKEN</Code> was set to
        </List.Item>
      </List>
      The service prints a sign-in link when it starts; it works once, within the hour.
    </Text>
  );
}

function SignInError({ error }: { error: Error }) {
  const isRefused = error instanceof ApiError && error.status === 401;
  return (
    <ErrorNote title={isRefused ? 'This token does not open a session' : 'Cannot sign in'}>
      {isRefused ? 'It is unknown, was used before, or has expired.' : <ErrorText error={error} />}
    </ErrorNote>
  );
}

function useSignIn() {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const [params] = useSearchParams();
  const signIn = useMutation({
    mutationFn: (token: string) => send<Session>('POST', '/session', { body: { token } }),
    onSuccess: (session) => {
      client.setQueryData(['session'], session);
      navigate(localPath(params.get('next')), { replace: true });
    },
  });
  const { mutate } = signIn;
  const followLink = useCallback(() => {
    const token = takeFragment();
    if (token !== '') mutate(token);
  }, [mutate]);
  useEffect(followLink, [followLink]);
  useWindowEvent('hashchange', followLink);
  useEffect(() => {
    document.title = 'Sign in · spanwarden';
  }, []);
  return signIn;
}

/** The fragment of the address, which is gone from it at once: it must not stay in the history. */
function takeFragment(): string {
  const { hash, pathname, search } = window.location;
  if (hash.length <= 1) return '';
  window.history.replaceState(window.history.state, '', pathname + search);
  return hash.slice(1);
}

/** Where to go on; only to places of our own. */
function localPath(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}
