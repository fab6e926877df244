/** What a collector says of the configuration that it was given; the words of OpAMP's RemoteConfigStatuses. */
export const CONFIG_STATUSES = ['unset', 'applying', 'applied', 'failed'] as const;
export type ConfigStatus = (typeof CONFIG_STATUSES)[number];

/** How a collector comes by its policies: by OpAMP, through `spanwarden agent` beside it, or by asking itself. */
export const COLLECTOR_KINDS = ['opamp', 'agent', 'pull'] as const;
export type CollectorKind = (typeof COLLECTOR_KINDS)[number];

/** Texts by name, as collectors describe themselves. */
export type Labels = Readonly<Record<string, string>>;

/** Whether a collector has all labels that are asked for; nothing asked for selects all. */
export function selects(selector: Labels, labels: Labels): boolean {
  return Object.entries(selector).every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value);
}

/** What a collector said of a configuration. Hashes are SHA-256 in hex, '' for none; times are milliseconds. */
export interface ConfigReport {
  readonly hash: string;
  readonly status: ConfigStatus;
  /** Without what the detectors find. */
  readonly error: string;
  readonly at: number;
}

export interface CollectorHealth {
  readonly healthy: boolean;
  /** The collector's own word, such as `StatusOK`; may be ''. */
  readonly status: string;
  readonly error: string;
  readonly at: number;
}

/** How a slot for policies differs from what it is to hold. */
export const DRIFTS = ['missing', 'different', 'not-in-pipeline'] as const;
export type Drift = (typeof DRIFTS)[number];
export interface SlotDrift {
  readonly slot: string;
  readonly drift: Drift;
}

/** What is known of a collector and kept. All texts are as they may be stored. */
export interface CollectorFacts {
  readonly labels: Labels;
  /** Which policies it is to have; '' before it asked. */
  readonly policySet: string;
  readonly version: string;
  /** Bits of OpAMP's AgentCapabilities. */
  readonly capabilities: number;
  /** Of the configuration that it is to have; '' while it was never to have one. */
  readonly wantedHash: string;
  /** What it said last; null before it said anything. */
  readonly config: ConfigReport | null;
  /** What it said before and last, the oldest first. */
  readonly history: readonly ConfigReport[];
  /** Configurations that it could not take, which are not offered to it again. */
  readonly failed: readonly string[];
  readonly health: CollectorHealth | null;
  /** Null while nobody knows. */
  readonly drift: readonly SlotDrift[] | null;
  /** Types of components in it, as `receivers/otlp`; null while nobody knows. */
  readonly components: readonly string[] | null;
}

export const NOTHING_KNOWN: CollectorFacts = {
  ...{ labels: {}, policySet: '', version: '', capabilities: 0, wantedHash: '', config: null, history: [], failed: [] },
  ...{ health: null, drift: null, components: null },
};

const MAX_HISTORY = 20;
const MAX_FAILED = 50;

/** Takes in what a collector says of a configuration; what it says again changes nothing. */
export function withReport(facts: CollectorFacts, report: ConfigReport): CollectorFacts {
  const { config, history, failed } = facts;
  if (config?.hash === report.hash && config.status === report.status && config.error === report.error) return facts;
  const { hash, status } = report;
  const others = failed.filter((known) => known !== hash);
  const isNew = hash !== '' || status !== 'unset';
  return {
    ...facts,
    config: report,
    history: isNew ? [...history, report].slice(-MAX_HISTORY) : history,
    failed:
      status === 'failed' && hash !== ''
        ? [...others, hash].slice(-MAX_FAILED)
        : status === 'applied'
          ? others
          : failed,
  };
}
