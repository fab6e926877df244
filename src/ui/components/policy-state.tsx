import type { PolicyState } from '../queries.js';
import { Tag } from './text.js';

const NAMES: Readonly<Record<PolicyState, string>> = {
  draft: '✎ draft',
  suggested: '○ suggested',
  approved: '◐ rolling out',
  active: '● active',
  superseded: '– superseded',
  rolled_back: '↶ rolled back',
  rejected: '✕ rejected',
};

/** The state of a policy as mark and word. */
export function PolicyStateTag({ state }: { state: PolicyState }) {
  return state === 'active' ? <Tag tone="good">{NAMES[state]}</Tag> : <Tag>{NAMES[state]}</Tag>;
}
