import { hash } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { stringify } from 'yaml';
import type { Labels } from '../../engine/model/collector.js';
import type { PolicyVersion } from '../../engine/model/policy.js';
import { inForce } from '../../engine/policy/rollout.js';
import { membersOf, publish } from '../../flow/publish.js';
import { type PolicySet, PostgresPolicySetStore, setFor } from '../store/policy-set-store.js';
import { PostgresPolicyStore, type RolledRow } from '../store/policy-store.js';

/** What a collector is served of a policy set. */
export interface ServedSet {
  readonly name: string;
  readonly yaml: string;
  readonly etag: string;
  /** SHA-256 of the YAML, in hex. */
  readonly hash: string;
  /** Stands for the policies in it, and is what collectors write on spans. */
  readonly revision: string;
  /** The policies in it. */
  readonly policies: readonly { readonly id: string; readonly version: number }[];
}

/** What was read of a tenant. */
interface Known {
  readonly sets: readonly PolicySet[];
  readonly versions: readonly RolledRow[];
  readonly readAt: number;
  /** Says whether anything changed. */
  readonly mark: string;
}

/** How old what is served may be when another process changed a policy. */
const FRESH_MS = 2_000;
const MAX_RENDERED = 1_000;
/** The label of a collector that says its version. */
const VERSION_LABEL = 'service.version';

/** Policy sets, rendered, in memory. When the store cannot be read the last good ones are served. */
@Injectable()
export class PolicySets implements OnModuleDestroy {
  private readonly log = new Logger('Policies');
  private readonly known = new Map<string, Known>();
  private readonly reading = new Map<string, Promise<Known>>();
  /** By tenant, set and revision. */
  private readonly rendered = new Map<string, ServedSet>();
  private readonly listeners = new Set<() => void>();
  private watch: NodeJS.Timeout | null = null;

  constructor(
    private readonly policies: PostgresPolicyStore,
    private readonly sets: PostgresPolicySetStore,
  ) {}

  /** What a collector with these labels gets of a set; null where there is no such set. */
  async get(tenant: string, name: string, labels: Labels = {}): Promise<ServedSet | null> {
    const known = await this.read(tenant);
    const set = known.sets.find(({ settings }) => settings.name === name);
    return set === undefined ? null : this.serve(tenant, set, known.versions, labels);
  }

  /**
   * What a collector is to have, by its labels; null where no policy is for it, which means that nothing is to be offered:
   * an empty configuration would stop a collector under an OpAMP supervisor.
   */
  async forCollector(tenant: string, labels: Labels): Promise<ServedSet | null> {
    const known = await this.read(tenant);
    const set = await this.serve(tenant, setFor(known.sets, labels), known.versions, labels);
    return set.policies.length === 0 ? null : set;
  }

  /**
   * Calls back when what is served may have changed, here or in another process, at the latest after FRESH_MS. Gives the
   * function that ends it.
   */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    this.watch ??= setInterval(() => void this.look(), FRESH_MS).unref();
    return () => void this.listeners.delete(listener);
  }

  /** Forgets what is in memory, since a policy changed. */
  changed(): void {
    for (const [tenant, known] of this.known) this.known.set(tenant, { ...known, readAt: 0 });
    for (const listener of this.listeners) listener();
  }

  onModuleDestroy(): void {
    if (this.watch !== null) clearInterval(this.watch);
  }

  /** Reads again what was served, and tells when it is another now. */
  private async look(): Promise<void> {
    for (const [tenant, { mark }] of [...this.known]) {
      const now = await this.read(tenant).catch(() => null);
      if (now !== null && now.mark !== mark) for (const listener of this.listeners) listener();
    }
  }

  private async read(tenant: string): Promise<Known> {
    const known = this.known.get(tenant);
    if (known !== undefined && Date.now() - known.readAt < FRESH_MS) return known;
    let reading = this.reading.get(tenant);
    if (reading === undefined) {
      reading = this.fetch(tenant, known).finally(() => this.reading.delete(tenant));
      this.reading.set(tenant, reading);
    }
    return reading;
  }

  private async fetch(tenant: string, known: Known | undefined): Promise<Known> {
    const readAt = Date.now();
    let now: Known;
    try {
      const [sets, versions] = await Promise.all([this.sets.list(tenant), this.policies.rolledOut(tenant)]);
      now = { sets, versions, readAt, mark: markOf(sets, versions) };
    } catch (error) {
      if (known === undefined) throw error;
      this.log.warn('the policies cannot be read, so the last good ones are served');
      now = { ...known, readAt };
    }
    this.known.set(tenant, now);
    return now;
  }

  private async serve(
    tenant: string,
    { settings }: PolicySet,
    versions: readonly RolledRow[],
    labels: Labels,
  ): Promise<ServedSet> {
    const { name } = settings;
    const policies = inForce(
      versions.filter(({ policySet }) => policySet === name),
      labels,
    );
    const members = membersOf(policies);
    const revision = hash('sha256', [name, ...members, ratesOf(policies)].join('\n'), 'hex').slice(0, 16);
    const version = labels[VERSION_LABEL];
    const key = [tenant, name, revision, settings.markRevision, version].join('\0');
    const known = this.rendered.get(key);
    if (known !== undefined) return known;
    if (policies.length > 0) await this.sets.keepRevision(tenant, revision, members);
    const served = render(name, policies, { version, revision }, settings.markRevision);
    if (this.rendered.size >= MAX_RENDERED) this.rendered.clear();
    this.rendered.set(key, served);
    return served;
  }
}

function render(
  name: string,
  policies: readonly PolicyVersion[],
  { version, revision }: { readonly version: string | undefined; readonly revision: string },
  isMarked: boolean,
): ServedSet {
  const { document, unsupported } = publish(policies, { version, ...(isMarked && { revision }) });
  const notes = unsupported.map(({ id, reason }) => `# Policy ${id} is not in here: ${reason}.`);
  const head = [
    `# Policy set ${name} of spanwarden: ${policies.length} approved ${policies.length === 1 ? 'policy' : 'policies'}.`,
    ...notes,
  ].join('\n');
  const yaml = `${head}\n${toYaml(document)}`;
  const digest = hash('sha256', yaml, 'hex');
  const served = policies.map(({ id, version: of }) => ({ id, version: of }));
  return { name, yaml, etag: `"${digest.slice(0, 32)}"`, hash: digest, revision, policies: served };
}

/** Probabilities that follow the traffic change without a new version. */
function ratesOf(policies: readonly PolicyVersion[]): string {
  const actions = policies.map(({ policy }) => policy.action);
  return JSON.stringify(actions.filter((action) => action.kind === 'sample' && action.adaptive));
}

function markOf(sets: readonly PolicySet[], versions: readonly RolledRow[]): string {
  const states = versions.map(({ id, version, state, rollout }) => [
    id,
    version,
    state,
    rollout.stage,
    rollout.isWithdrawn,
  ]);
  return JSON.stringify([sets.map(({ settings, version }) => [settings.name, version]), states, ratesOf(versions)]);
}

/** Collector configuration: plain YAML, without anchors and without folding lines. */
export function toYaml(document: unknown): string {
  return stringify(document, {
    lineWidth: 0,
    aliasDuplicateObjects: false,
    defaultStringType: 'QUOTE_SINGLE',
    defaultKeyType: 'PLAIN',
  });
}
