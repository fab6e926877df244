import { Button, Group, Text } from '@mantine/core';
import { plural } from '../format.js';

interface Props {
  readonly query: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => unknown;
  };
  readonly shown: number;
  readonly noun: string;
  readonly nouns?: string;
}

/** Below a list: how much of it is shown, and a button for more. */
export function LoadMore({ query, shown, noun, nouns = `${noun}s` }: Props) {
  return (
    <Group gap="sm">
      <Text size="sm" c="dimmed" role="status">
        {query.hasNextPage ? `The first ${plural(shown, noun, nouns)}` : `${plural(shown, noun, nouns)} in all`}
      </Text>
      {query.hasNextPage && (
        <Button size="xs" variant="default" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
          Load more
        </Button>
      )}
    </Group>
  );
}
