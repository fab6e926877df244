import { Text } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { formatBytes, formatCount, plural } from '../format.js';
import { WarningNote } from './note.js';
import styles from './policy-card.module.css';
import { useConflicts, usePolicyTitles } from './policy-set-queries.js';
import { CodeName, Name, PageLink } from './text.js';

type Evidence = Policy['evidence'][number];

const FIGURES: Readonly<Record<Evidence['measure'], (value: number) => string>> = {
  occurrences: (n) => plural(n, 'occurrence'),
  bytes: (n) => `${formatBytes(n)} of values`,
  distinct_values: (n) => plural(n, 'distinct value'),
  names: (n) => plural(n, 'span name'),
  spans: (n) => plural(n, 'span'),
  bytes_saved: (n) => `${formatBytes(n)} less`,
};

/** The figures that a suggestion stands on; nothing where there are none. */
export function PolicyEvidence({ policy: { evidence, version } }: { policy: Policy }) {
  if (evidence.length === 0) return null;
  return (
    <Text size="sm" component="div" className={styles.facts} role="group" aria-label="What it stands on">
      <span>Seen when version {formatCount(version)} was suggested:</span>
      {evidence.map(({ measure, value }) => (
        <strong key={measure}>{FIGURES[measure](value)}</strong>
      ))}
    </Text>
  );
}

/** Which processors carry the policy out, and what they do otherwise than it says. */
export function PolicyProcessors({ policy: { processors, notes } }: { policy: Policy }) {
  return (
    <>
      {processors.length > 0 && (
        <Text size="xs" c="dimmed" component="div">
          Carried out by{' '}
          {processors.map((name, i) => (
            <span key={name}>
              {i > 0 && ', then '}
              <CodeName>{name}</CodeName>
            </span>
          ))}
        </Text>
      )}
      {notes.length > 0 && (
        <Text size="xs" component="ul" m={0} pl={18} aria-label="Notes">
          {notes.map((note) => (
            <li key={note}>{sentence(note)}</li>
          ))}
        </Text>
      )}
    </>
  );
}

/** What gets in the way of the policy in its set, and how to mend that. */
export function PolicyConflicts({ policy }: { policy: Policy }) {
  const conflicts = useConflicts(policy);
  const titles = usePolicyTitles();
  if (conflicts.length === 0) return null;
  return (
    <WarningNote title={conflicts.length === 1 ? 'Conflict' : `${formatCount(conflicts.length)} conflicts`}>
      {conflicts.map(({ what, remedy, policies }) => (
        <div key={`${what} ${policies.join(' ')}`}>
          {what} {remedy}{' '}
          {policies
            .filter((id) => id !== policy.id)
            .map((id) => (
              <PageLink key={id} to={`/policies?id=${id}`}>
                <Name>{titles.get(id) ?? 'The other policy'}</Name>
              </PageLink>
            ))}
        </div>
      ))}
    </WarningNote>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
