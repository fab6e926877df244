import type { Policy } from '../../edge/serve/contract.js';

/** What people decide on a policy; the names are those of the API. */
export type Decision = 'approve' | 'reject' | 'pause' | 'resume' | 'continue' | 'roll-back';

interface Words {
  readonly title: string;
  readonly button: string;
  /** As said when it is done. */
  readonly done: string;
  readonly refused: string;
  /** What the API asks for besides. */
  readonly asks?: 'reason';
  readonly isMain?: boolean;
  /** Who may; approvers where nothing is said. */
  readonly role?: 'editor';
}

export const DECISIONS: Readonly<Record<Decision, Words>> = {
  approve: { title: 'Approve a policy', button: 'Approve', done: 'Approved', refused: 'Not approved', isMain: true },
  reject: {
    ...{ title: 'Turn a policy down', button: 'Reject', done: 'Rejected', refused: 'Not rejected' },
    ...{ asks: 'reason', role: 'editor' },
  },
  continue: {
    ...{ title: 'Go on without proof', button: 'Go on', done: 'Gone on' },
    refused: 'Not gone on',
  },
  pause: { title: 'Pause a roll-out', button: 'Pause', done: 'Paused', refused: 'Not paused', asks: 'reason' },
  resume: { title: 'Go on with a roll-out', button: 'Resume', done: 'Resumed', refused: 'Not resumed', isMain: true },
  'roll-back': {
    ...{ title: 'Roll a policy back', button: 'Roll back', done: 'Rolled back' },
    refused: 'Not rolled back',
  },
};

/** What can be decided on a policy as it stands. */
export function decisionsOn({ state, rollout }: Policy): Decision[] {
  if (state === 'suggested' || state === 'draft') return ['approve', 'reject'];
  if (rollout === null || (state !== 'approved' && state !== 'active')) return [];
  const isStopped = rollout.status === 'paused' || rollout.status === 'halted';
  const runs = state === 'approved' && rollout.status === 'running';
  return [...(isStopped ? (['resume'] as const) : []), ...(runs ? (['continue', 'pause'] as const) : []), 'roll-back'];
}
