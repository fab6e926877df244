import { Button, Skeleton, Stack, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorNote } from './note.js';

/** The parts of a query that its place on the page depends on. */
interface Query<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly isFetching: boolean;
  readonly refetch: () => unknown;
}

interface Props<T> {
  readonly query: Query<T>;
  /** What is being read, to say so: `the findings`. */
  readonly what: string;
  /** Lines of grey that stand there meanwhile. */
  readonly lines?: number;
  readonly children: (data: T) => ReactNode;
}

/** Shows what a query gave; before that a skeleton, and where it failed why, with a way to try again. */
export function Loaded<T>({ query, what, lines = 6, children }: Props<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Failure error={query.error} what={what} query={query} />;
  return (
    <Stack gap={8} aria-busy="true">
      <VisuallyHidden>Reading {what} …</VisuallyHidden>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} height={i === 0 ? 28 : 22} />
      ))}
    </Stack>
  );
}

function Failure<T>({ error, what, query }: { error: Error; what: string; query: Query<T> }) {
  return (
    <ErrorNote title={`Cannot read ${what}`}>
      <Stack align="flex-start" gap="xs">
        <ErrorText error={error} />
        <Button size="xs" variant="default" loading={query.isFetching} onClick={() => query.refetch()}>
          Try again
        </Button>
      </Stack>
    </ErrorNote>
  );
}

/** The message of an error, one line for each thing that is wrong. */
export function ErrorText({ error }: { error: Error }) {
  return <span style={{ whiteSpace: 'pre-line' }}>{error.message}</span>;
}
