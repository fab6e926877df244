import { Stack, Text } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { formatCount, plural } from '../format.js';
import { labelsOf } from './labels.js';
import { WarningNote } from './note.js';
import styles from './policy-rollout.module.css';
import { Tag, Time } from './text.js';

const VERDICTS = {
  proved: ['✓ proved', 'good'],
  failed: ['✕ failed', 'bad'],
  insufficient_evidence: ['… not proved yet', undefined],
} as const;

/** How far a policy is rolled out, and what the data say of it. */
export function PolicyRollout({ policy: { rollout, proof, state } }: { policy: Policy }) {
  if (rollout === null || (state !== 'approved' && state !== 'active')) return null;
  return (
    <Stack gap={6}>
      <ol className={styles.stages} aria-label="Stages of the roll-out">
        {rollout.stages.map(({ name, labels }, i) => (
          <li key={name} data-has={(i <= rollout.stage && !rollout.is_withdrawn) || undefined}>
            <span aria-hidden="true">{i <= rollout.stage && !rollout.is_withdrawn ? '●' : '○'}</span> {name}
            <span className={styles.labels}>{labelsOf(labels).join(', ') || 'all collectors'}</span>
            {i === rollout.stage && state === 'approved' && (
              <span className={styles.labels}>
                since <Time iso={rollout.since} age />
              </span>
            )}
          </li>
        ))}
      </ol>
      {rollout.reason !== '' && (
        <WarningNote title={rollout.status === 'halted' ? 'Halted' : 'Paused'}>
          {rollout.reason}
          {rollout.is_withdrawn && ' No collector gets it any more.'}
        </WarningNote>
      )}
      {proof !== null && (
        <Text size="sm" component="div">
          <Tag {...toneOf(VERDICTS[proof.verdict][1])}>{VERDICTS[proof.verdict][0]}</Tag> {proof.why}
          <span className={styles.labels}>
            Before: {plural(proof.before.matches, 'match', 'matches')} in {formatCount(proof.before.spans)} spans.
          </span>
        </Text>
      )}
    </Stack>
  );
}

function toneOf(tone: 'good' | 'bad' | undefined): { tone?: 'good' | 'bad' } {
  return tone === undefined ? {} : { tone };
}
