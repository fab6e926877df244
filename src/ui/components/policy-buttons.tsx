import { Button } from '@mantine/core';
import type { Policy } from '../../edge/serve/contract.js';
import { DECISIONS, type Decision, decisionsOn } from './policy-decisions.js';
import { useMay } from './roles.js';

/** What can be done with a policy from its card. */
export interface PolicyActions {
  readonly decide: (policy: Policy, decision: Decision) => void;
  readonly edit: (policy: Policy) => void;
}

interface Props {
  readonly policy: Policy;
  readonly actions: PolicyActions;
}

/** Decisions that the policy is open to and the roles of who is signed in allow. */
export function PolicyButtons({ policy, actions }: Props) {
  const may = useMay();
  const decisions = decisionsOn(policy).filter((decision) => may(DECISIONS[decision].role ?? 'approver'));
  const isProposed = policy.state === 'draft' || policy.state === 'suggested';
  const edit = isProposed ? 'Edit' : 'New version';
  return (
    <>
      {canBeWritten(policy) && may('editor') && (
        <CardButton words={`${edit} …`} name={`${edit}: ${policy.title}`} onClick={() => actions.edit(policy)} />
      )}
      {decisions.map((decision) => (
        <CardButton
          key={decision}
          words={`${DECISIONS[decision].button} …`}
          name={`${DECISIONS[decision].button}: ${policy.title}`}
          isMain={DECISIONS[decision].isMain ?? false}
          onClick={() => actions.decide(policy, decision)}
        />
      ))}
    </>
  );
}

/** Sampling has rates and budgets that are written elsewhere; what is superseded has a newer version. */
function canBeWritten({ action, state }: Policy): boolean {
  return action.kind !== 'sample' && state !== 'superseded';
}

interface CardButtonProps {
  readonly words: string;
  /** With what it acts on, for people who cannot see where it stands. */
  readonly name: string;
  readonly onClick: () => void;
  readonly isExpanded?: boolean;
  readonly isMain?: boolean;
}

export function CardButton({ words, name, onClick, isExpanded, isMain = false }: CardButtonProps) {
  return (
    <Button
      size="compact-sm"
      variant={isMain ? 'filled' : 'default'}
      onClick={onClick}
      aria-expanded={isExpanded}
      aria-label={name}
    >
      {words}
    </Button>
  );
}
