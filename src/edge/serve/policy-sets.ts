import { hash } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { stringify } from 'yaml';
import { publish } from '../../flow/publish.js';
import { PostgresPolicyStore } from '../store/policy-store.js';

/** A policy set as it is served. */
export interface ServedSet {
  readonly yaml: string;
  readonly etag: string;
}

/** How old what is served may be when another process approved a policy. */
const FRESH_MS = 5_000;

/** Policy sets, rendered, in memory. When the store cannot be read the last good one is served. */
@Injectable()
export class PolicySets {
  private readonly log = new Logger('Policies');
  private readonly sets = new Map<string, { readonly set: ServedSet; readonly readAt: number }>();

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

  /** Forgets what is in memory, since a policy changed. */
  changed(): void {
    this.sets.clear();
  }

  private async render(tenant: string, name: string): Promise<ServedSet> {
    const { policies, rendered } = await publish(tenant, name, this.policies);
    const notes = rendered.unsupported.map(({ id, reason }) => `# Policy ${id} is not in here: ${reason}.`);
    const head = [
      `# Policy set ${name} of spanwarden: ${policies.length} approved ${policies.length === 1 ? 'policy' : 'policies'}.`,
      ...notes,
    ].join('\n');
    const yaml = `${head}\n${toYaml(rendered.document)}`;
    return { yaml, etag: `"${hash('sha256', yaml, 'hex').slice(0, 32)}"` };
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
