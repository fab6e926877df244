import { Text } from '@mantine/core';
import type { Policy, PolicySet } from '../../edge/serve/contract.js';
import { useSession } from '../queries.js';
import { CodeBlock } from './code-block.js';
import { labelsOf } from './labels.js';
import { WarningNote } from './note.js';
import { PolicyConflicts, PolicyProcessors } from './policy-basis.js';
import { usePolicySet } from './policy-set-queries.js';
import { PolicyStanding } from './policy-standing.js';
import { Name } from './text.js';
import { Unsupported } from './unsupported.js';

/** What somebody should know who approves a policy. */
export function Approval({ policy }: { policy: Policy }) {
  const set = usePolicySet(policy.policy_set);
  const subject = useSession().data?.subject;
  const takesAnother = policy.loses_data && policy.author === subject && set?.two_persons === true;
  return (
    <>
      {policy.loses_data && (
        <WarningNote title="It loses data">
          What it drops is gone for good; nobody can look at it later.
          {takesAnother && ' You wrote it, so somebody else has to approve it.'}
        </WarningNote>
      )}
      {set !== undefined && <Stages set={set} />}
      <PolicyStanding policy={policy} />
      <PolicyConflicts policy={policy} />
      <CodeBlock label="Collector configuration" code={policy.preview} />
      <Unsupported reasons={policy.unsupported} />
      <div>
        <PolicyProcessors policy={policy} />
        <Text size="xs" c="dimmed">
          Collectors load their configuration anew for it. One with tail sampling then decides on the traces that it
          holds with what has come of them.
        </Text>
      </div>
    </>
  );
}

/** Whether the set asks for a simulation that it would otherwise have to be told why there is none. */
export function asksForSimulation(policy: Policy, set: PolicySet | undefined): boolean {
  return policy.loses_data && set?.simulate_first === true;
}

function Stages({ set: { name, stages, soak_seconds: soak, advance } }: { set: PolicySet }) {
  return (
    <Text size="sm">
      Set <Name>{name}</Name>:{' '}
      {stages.map(({ name: stage, labels }, i) => (
        <span key={stage}>
          {i > 0 && ' → '}
          <strong>{stage}</strong> ({labelsOf(labels).join(', ') || 'all collectors'})
        </span>
      ))}
      . A stage lasts {durationOf(soak)} at least;{' '}
      {advance === 'auto' ? 'the next begins by itself when it is proved.' : 'somebody has to begin the next.'}
    </Text>
  );
}

/** Seconds in the largest unit that they are whole in. */
export function durationOf(seconds: number): string {
  if (seconds === 0) return 'no time';
  const [size, unit] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ].find(([length]) => seconds % Number(length) === 0) ?? [1, 'second'];
  const n = seconds / Number(size);
  return `${n} ${unit}${n === 1 ? '' : 's'}`;
}
