import type { DataSource } from 'typeorm';
import { type Labels, selects } from '../../engine/model/collector.js';
import { DEFAULT_SET, DEFAULT_SETTINGS, type PolicySetSettings } from '../../engine/model/rollout.js';
import type { AuditDetails } from '../audit/audit-entry.js';
import type { AuditLog } from '../audit/audit-log.js';
import { PolicyRow } from './entities/index.js';
import { PolicyRevisionRow, PolicySetRow } from './entities/policies.js';

export interface PolicySet {
  readonly settings: PolicySetSettings;
  /** 0 for the default set as long as nobody has set it up. */
  readonly version: number;
  readonly author: string | null;
  readonly updatedAt: Date | null;
}

const UNSET: PolicySet = { settings: DEFAULT_SETTINGS, version: 0, author: null, updatedAt: null };

/** Policy sets of a tenant; the default one is always there. */
export class PostgresPolicySetStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
  ) {}

  /** By name, the default one first. */
  async list(tenant: string): Promise<PolicySet[]> {
    const rows = await this.rows.find({ where: { tenantId: tenant }, order: { name: 'ASC' } });
    const sets = rows.map(read);
    const first = sets.find(({ settings }) => settings.name === DEFAULT_SET) ?? UNSET;
    return [first, ...sets.filter(({ settings }) => settings.name !== DEFAULT_SET)];
  }

  async get(tenant: string, name: string): Promise<PolicySet | null> {
    const row = await this.rows.findOneBy({ tenantId: tenant, name });
    if (row !== null) return read(row);
    return name === DEFAULT_SET ? UNSET : null;
  }

  /**
   * Sets up a set.
   *
   * @param version that was looked at; 0 for one that is not there yet
   */
  put(tenant: string, settings: PolicySetSettings, version: number, author: string): Promise<PolicySet | 'changed'> {
    const { name, ...rest } = settings;
    return this.dataSource.transaction(async (manager) => {
      const rows = manager.getRepository(PolicySetRow);
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`policy sets ${tenant}`]);
      const known = await rows.findOneBy({ tenantId: tenant, name });
      if ((known?.version ?? 0) !== version) return 'changed';
      const fields = { settings: rest, version: version + 1, author, updatedAt: new Date() };
      await rows.save({ tenantId: tenant, name, ...fields });
      await this.audit.append(manager, tenant, {
        ...{ actor: author, action: 'policy-set.put', object: `policy-set/${name}` },
        details: changes(known?.settings ?? DEFAULT_SETTINGS, rest),
      });
      return { settings, version: version + 1, author, updatedAt: fields.updatedAt };
    });
  }

  /** Removes a set without policies; those that were are kept. */
  remove(tenant: string, name: string, by: string): Promise<'removed' | 'unknown' | 'in-use'> {
    return this.dataSource.transaction(async (manager) => {
      const used = await manager.getRepository(PolicyRow).existsBy({ tenantId: tenant, policySet: name });
      if (used) return 'in-use';
      const { affected } = await manager.getRepository(PolicySetRow).delete({ tenantId: tenant, name });
      if (affected === 0) return 'unknown';
      await this.audit.append(manager, tenant, {
        ...{ actor: by, action: 'policy-set.remove', object: `policy-set/${name}` },
      });
      return 'removed';
    });
  }

  /** Keeps which policies a revision stands for. */
  async keepRevision(tenant: string, revision: string, policies: readonly string[]): Promise<void> {
    const row = { tenantId: tenant, revision, policies: [...policies] };
    await this.dataSource.createQueryBuilder().insert().into(PolicyRevisionRow).values(row).orIgnore().execute();
  }

  /** Revisions that a version of a policy was in. */
  async revisionsWith(tenant: string, id: string, version: number): Promise<string[]> {
    const rows: { revision: string }[] = await this.dataSource.query(
      'SELECT revision FROM policy_revision WHERE tenant_id = $1 AND policies @> ARRAY[$2]',
      [tenant, `${id}@${version}`],
    );
    return rows.map(({ revision }) => revision);
  }

  private get rows() {
    return this.dataSource.getRepository(PolicySetRow);
  }
}

/** The set that a collector gets by its labels: of those that select it, the one with the most labels, then by name. */
export function setFor(sets: readonly PolicySet[], labels: Labels): PolicySet {
  const count = ({ settings }: PolicySet): number => Object.keys(settings.labels).length;
  const fitting = sets.filter(({ settings }) => settings.name !== DEFAULT_SET && selects(settings.labels, labels));
  fitting.sort((a, b) => count(b) - count(a) || (a.settings.name < b.settings.name ? -1 : 1));
  return fitting[0] ?? sets.find(({ settings }) => settings.name === DEFAULT_SET) ?? UNSET;
}

function read({ name, settings, version, author, updatedAt }: PolicySetRow): PolicySet {
  return { settings: { ...DEFAULT_SETTINGS, ...settings, name }, version, author, updatedAt };
}

/** What is otherwise than before: switches and figures as they are, lists by their names. */
function changes(before: Omit<PolicySetSettings, 'name'>, after: Omit<PolicySetSettings, 'name'>): AuditDetails {
  const text = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));
  const fields = Object.keys(after) as (keyof typeof after)[];
  const changed = fields.filter((field) => text(before[field]) !== text(after[field]));
  return Object.fromEntries(changed.map((field) => [field, `${text(before[field])} → ${text(after[field])}`]));
}
