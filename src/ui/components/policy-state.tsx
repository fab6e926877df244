import type { PolicyState } from '../queries.js';
import { Tag } from './text.js';

const NAMES: Readonly<Record<PolicyState, string>> = {
  suggested: '○ suggested',
  approved: '● approved',
  superseded: '– superseded',
  rolled_back: '↶ rolled back',
};

/** The state of a policy as mark and word. */
export function PolicyStateTag({ state }: { state: PolicyState }) {
  return state === 'approved' ? <Tag tone="good">{NAMES[state]}</Tag> : <Tag>{NAMES[state]}</Tag>;
}
