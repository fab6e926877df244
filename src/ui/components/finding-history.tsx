import { Button, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type SubmitEvent, useState } from 'react';
import type { Finding, FindingEvent } from '../../edge/serve/contract.js';
import { send } from '../api.js';
import { visible } from '../format.js';
import { findingsChanged, showFinding, useFindingEvents } from '../queries.js';
import styles from './finding-history.module.css';
import { resolutionText } from './finding-state.js';
import { LoadMore } from './load-more.js';
import { ErrorText, Loaded } from './loaded.js';
import { ErrorNote } from './note.js';
import { Panel } from './page.js';
import { Name, Time } from './text.js';
import { CommentField } from './triage-dialog.js';

/** What happened to a finding, latest first, and a field for what people have to say. */
export function FindingHistory({ finding }: { finding: Finding }) {
  const events = useFindingEvents(finding.id);
  return (
    <Panel title="History" id="history">
      <Stack gap="md">
        <CommentForm id={finding.id} />
        <Loaded query={events} what="the history" lines={3}>
          {(rows) => (
            <>
              <ol className={styles.events}>
                {rows.map((event) => (
                  <Event key={event.version} event={event} />
                ))}
                {!events.hasNextPage && (
                  <li>
                    <span className={styles.when}>
                      <Time iso={finding.first_seen} />
                    </span>
                    First seen.
                  </li>
                )}
              </ol>
              {events.hasNextPage && <LoadMore query={events} shown={rows.length} noun="event" />}
            </>
          )}
        </Loaded>
      </Stack>
    </Panel>
  );
}

function CommentForm({ id }: { id: string }) {
  const [comment, setComment] = useState('');
  const client = useQueryClient();
  const add = useMutation({
    mutationFn: () => send<Finding>('PATCH', `/findings/${id}`, { body: { comment } }),
    onSuccess: async (changed) => {
      showFinding(client, changed);
      setComment('');
      await findingsChanged(client);
    },
  });
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (comment.trim() !== '') add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <CommentField value={comment} onChange={setComment} isRequired />
        {add.error !== null && (
          <ErrorNote title="The comment was not kept">
            <ErrorText error={add.error} />
          </ErrorNote>
        )}
        <Group>
          <Button type="submit" size="xs" variant="default" loading={add.isPending}>
            Add comment
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Event({ event }: { event: FindingEvent }) {
  return (
    <li>
      <span className={styles.when}>
        <Time iso={event.at} />
      </span>
      <span>
        <What event={event} />
        {event.comment !== '' && (
          <Text component="blockquote" size="sm" className={styles.comment}>
            <bdi>{event.comment.split('\n').map(visible).join('\n')}</bdi>
          </Text>
        )}
      </span>
    </li>
  );
}

function What({ event: { actor, action, resolution, expires_at } }: { event: FindingEvent }) {
  if (action === 'regressed') return 'Seen again after it was resolved: open again.';
  if (action === 'expired') return 'The time for which it was accepted is over: open again.';
  const done = {
    reopened: 'opened it again',
    acknowledged: 'acknowledged it',
    resolved: `resolved it: ${resolution === null ? '' : resolutionText(resolution, expires_at)}`,
    commented: 'commented',
  }[action];
  return (
    <>
      <Name>{actor}</Name> {done}
    </>
  );
}
