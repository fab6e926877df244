import { hash } from 'node:crypto';
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { stringify } from 'yaml';
import type { Labels } from '../../engine/model/collector.js';
import { publish } from '../../flow/publish.js';
import { DEFAULT_SET, PostgresPolicyStore } from '../store/policy-store.js';

/** A policy set as it is served. */
export interface ServedSet {
  readonly name: string;
  readonly yaml: string;
  readonly etag: string;
  /** SHA-256 of the YAML, in hex. */
  readonly hash: string;
  /** The policies in it. */
  readonly policies: readonly { readonly id: string; readonly version: number }[];
}

/** How old what is served may be when another process changed a policy. */
const FRESH_MS = 2_000;

/** Policy sets, rendered, in memory. When the store cannot be read the last good one is served. */
@Injectable()
export class PolicySets implements OnModuleDestroy {
  private readonly log = new Logger('Policies');
  private readonly sets = new Map<string, { readonly set: ServedSet; readonly readAt: number }>();
  private readonly listeners = new Set<() => void>();
  private watch: NodeJS.Timeout | null = null;

  constructor(private readonly policies: PostgresPolicyStore) {}

  async get(tenant: string, name: string): Promise<ServedSet> {
    const key = `${tenant}\0${name}`;
    const known = this.sets.get(key);
    if (known !== undefined && Date.now() - known.readAt < FRESH_MS) return known.set;
    try {
      const set = await this.render(tenant, name);
      this.sets.set(key, { set, readAt: Date.now() });
      return set;
    } catch (error) {
      if (known === undefined) throw error;
      this.log.warn('the policies cannot be read, so the last good ones are served');
      this.sets.set(key, { set: known.set, readAt: Date.now() });
      return known.set;
    }
  }

  /**
   * What a collector is to have, by its labels; null where no policy is for it, which means that nothing is to be offered:
   * an empty configuration would stop a collector under an OpAMP supervisor.
   */
  async forCollector(tenant: string, _labels: Labels): Promise<ServedSet | null> {
    const set = await this.get(tenant, DEFAULT_SET);
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
    this.sets.clear();
    for (const listener of this.listeners) listener();
  }

  onModuleDestroy(): void {
    if (this.watch !== null) clearInterval(this.watch);
  }

  /** Reads what was served again, and tells when it is another now. */
  private async look(): Promise<void> {
    for (const [key, { set }] of [...this.sets]) {
      const [tenant] = key.split('\0') as [string];
      const now = await this.get(tenant, set.name).catch(() => set);
      if (now.hash !== set.hash) return this.changed();
    }
  }

  private async render(tenant: string, name: string): Promise<ServedSet> {
    const { policies, rendered } = await publish(tenant, name, this.policies);
    const notes = rendered.unsupported.map(({ id, reason }) => `# Policy ${id} is not in here: ${reason}.`);
    const head = [
      `# Policy set ${name} of spanwarden: ${policies.length} approved ${policies.length === 1 ? 'policy' : 'policies'}.`,
      ...notes,
    ].join('\n');
    const yaml = `${head}\n${toYaml(rendered.document)}`;
    const digest = hash('sha256', yaml, 'hex');
    const served = policies.map(({ id, version }) => ({ id, version }));
    return { name, yaml, etag: `"${digest.slice(0, 32)}"`, hash: digest, policies: served };
  }
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
