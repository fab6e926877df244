import type { Finding } from '../../edge/serve/contract.js';
import { formatDay } from '../format.js';
import styles from './finding-state.module.css';
import { Tag } from './text.js';

export type State = Finding['state'];
export type Substate = NonNullable<Finding['substate']>;
export type Resolution = NonNullable<Finding['resolution']>;

export const STATE_NAMES: Readonly<Record<State, string>> = {
  open: 'Open',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
};

export const SUBSTATE_NAMES: Readonly<Record<Substate, string>> = {
  new: 'New',
  ongoing: 'Ongoing',
  escalating: 'Escalating',
  regressed: 'Regressed',
};

export const RESOLUTION_NAMES: Readonly<Record<Resolution, string>> = {
  fixed_at_source: 'Fixed at source',
  redacted_by_policy: 'Redacted by a policy',
  false_positive: 'False positive',
  used_in_tests: 'Used in tests',
  wont_fix: 'Won’t fix',
};

/** What each of them means for what comes after it. */
export const SUBSTATE_NOTES: Readonly<Record<Substate, string>> = {
  new: 'First seen within 7 days; nobody decided on it yet.',
  ongoing: 'Known, and not growing.',
  escalating: 'Seen three times as often in the last 24 hours as on a mean day of the week before.',
  regressed: 'It was resolved, and has been seen again since.',
};

export const RESOLUTION_NOTES: Readonly<Record<Resolution, string>> = {
  fixed_at_source: 'The service no longer writes it. Opens again when it is seen after this.',
  redacted_by_policy: 'A collector policy removes it. Opens again when it is seen after this.',
  false_positive: 'It is not what the detector takes it for. Stays resolved.',
  used_in_tests: 'Made-up data of a test, which harms nobody. Stays resolved.',
  wont_fix: 'The risk is accepted, for a time. Opens again when the time is over.',
};

const TONES = { new: undefined, ongoing: undefined, escalating: 'warn', regressed: 'bad' } as const;
const MARKS: Readonly<Record<Substate, string>> = { new: '•', ongoing: '–', escalating: '↑', regressed: '↺' };

/** A substate as mark, word and colour. */
export function SubstateTag({ substate }: { substate: Substate }) {
  const { [substate]: tone } = TONES;
  const text = `${MARKS[substate]} ${SUBSTATE_NAMES[substate].toLowerCase()}`;
  return tone === undefined ? <Tag>{text}</Tag> : <Tag tone={tone}>{text}</Tag>;
}

/** Where a finding stands: its state, and what time made of it or why it is resolved. */
export function FindingStateText({ finding }: { finding: Finding }) {
  const { state, substate, resolution, expires_at } = finding;
  return (
    <span className={styles.state}>
      <small>{STATE_NAMES[state]}</small>
      {substate !== null && <SubstateTag substate={substate} />}
      {resolution !== null && <small>{resolutionText(resolution, expires_at)}</small>}
    </span>
  );
}

/** `Won’t fix until Mar 1, 2027` */
export function resolutionText(resolution: Resolution, expires: string | null): string {
  return expires === null
    ? RESOLUTION_NAMES[resolution]
    : `${RESOLUTION_NAMES[resolution]} until ${formatDay(expires)}`;
}
