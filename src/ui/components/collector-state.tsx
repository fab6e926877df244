import type { Collector, CollectorReport } from '../../edge/serve/contract.js';
import { LabelList } from './labels.js';
import { CodeName, Name, Tag, Time } from './text.js';

type Tone = 'good' | 'warn' | 'bad';
type Words = { readonly label: string; readonly tone?: Tone };

const STATUSES: Readonly<Record<Collector['status'], Words>> = {
  applied: { label: '✓ applied', tone: 'good' },
  applying: { label: '… applying', tone: 'warn' },
  failed: { label: '✕ failed', tone: 'bad' },
  unset: { label: '– nothing yet' },
};

export const STATUS_CHOICES = [
  { value: 'applied', label: 'Applied' },
  { value: 'applying', label: 'Applying' },
  { value: 'failed', label: 'Failed' },
  { value: 'unset', label: 'Nothing yet' },
];

export const KIND_CHOICES = [
  { value: 'opamp', label: 'OpAMP' },
  { value: 'agent', label: 'Agent' },
  { value: 'pull', label: 'Pull' },
];

const TRANSPORTS: Readonly<Record<Collector['transport'], string>> = {
  websocket: 'OpAMP, WebSocket',
  http: 'OpAMP, HTTP',
  '': 'OpAMP',
};

/** How it comes by its policies, in a few words. */
export function kindOf({ kind, transport }: Collector): string {
  if (kind === 'opamp') return TRANSPORTS[transport];
  return kind === 'agent' ? 'agent' : 'pulls by itself';
}

/** What became of the configuration, and why it failed. */
export function ConfigStatus({ status, error }: Pick<CollectorReport, 'status' | 'error'>) {
  return (
    <>
      <WordTag words={STATUSES[status]} />
      {error !== '' && (
        <div>
          <small>
            <Name>{error}</Name>
          </small>
        </div>
      )}
    </>
  );
}

/** Whether it runs what it is to run. */
export function UpToDate({ collector }: { collector: Collector }) {
  return <WordTag words={standingOf(collector)} />;
}

function standingOf({ wanted_hash: wanted, up_to_date: isUpToDate, status, kind }: Collector): Words {
  if (wanted === '') return { label: '– no policies for it' };
  if (isUpToDate) return { label: '✓ up to date', tone: 'good' };
  if (kind === 'pull') return { label: '? does not say' };
  return status === 'failed' ? { label: '✕ has another', tone: 'bad' } : { label: '… not yet', tone: 'warn' };
}

const DRIFTS: Readonly<Record<NonNullable<Collector['drift']>[number]['drift'], string>> = {
  missing: 'missing',
  different: 'holds something else',
  'not-in-pipeline': 'in no pipeline',
};

/** Slots that differ from what they are to hold, one a line. */
export function Drift({ drift }: Pick<Collector, 'drift'>) {
  if (drift === null) return '–';
  if (drift.length === 0) return <Tag tone="good">✓ none</Tag>;
  return drift.map(({ slot, drift: how }) => (
    <div key={slot}>
      <CodeName>{slot}</CodeName> <Tag tone="warn">! {DRIFTS[how]}</Tag>
    </div>
  ));
}

export function Health({ health }: Pick<Collector, 'health'>) {
  if (health === null) return '–';
  if (health.healthy) return <Tag tone="good">✓ healthy</Tag>;
  return (
    <>
      <Tag tone="bad">✕ not healthy</Tag>
      <div>
        <small>
          <Name>{[health.status, health.error].filter((part) => part !== '').join(': ')}</Name>
        </small>
      </div>
    </>
  );
}

export function Seen({ collector: { online, last_seen, offline_since } }: { collector: Collector }) {
  if (online) return <Time iso={last_seen} age />;
  return (
    <>
      <Tag tone="warn">○ offline</Tag>
      <div>
        <small>
          since <Time iso={offline_since ?? last_seen} />
        </small>
      </div>
    </>
  );
}

/** Its set; where it has none of its own, its labels say which. */
export function SetName({ policy_set: set }: Pick<Collector, 'policy_set'>) {
  return set === '' ? 'by labels' : <Name>{set}</Name>;
}

export function Labels({ collector }: { collector: Collector }) {
  return <LabelList labels={collector.labels} />;
}

function WordTag({ words: { label, tone } }: { words: Words }) {
  return tone === undefined ? <Tag>{label}</Tag> : <Tag tone={tone}>{label}</Tag>;
}
