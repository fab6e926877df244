import { hash } from 'node:crypto';
import { type DataSource, type EntityManager, Raw } from 'typeorm';
import { POLICY_STATES, type Policy, type PolicyState, type PolicyVersion } from '../../engine/model/policy.js';
import type { PolicyStore } from '../../flow/ports.js';
import { PolicyRow } from './entities/index.js';
import { stableId } from './ids.js';
import { withRatesInForce } from './sampling-rates.js';

/** The set that suggestions go to. */
export const DEFAULT_SET = 'default';

/** Why a policy was not approved. */
export type NotApproved = 'unknown' | 'not-suggested' | 'changed';
/** Why a policy was not rolled back. */
export type NotRolledBack = 'unknown' | 'not-approved' | 'changed';

export class PostgresPolicyStore implements PolicyStore {
  constructor(private readonly dataSource: DataSource) {}

  async offer(tenant: string, policies: readonly Policy[], isAll: boolean): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      // Suggestions of two processes at once would each begin a version; they take turns.
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`policies ${tenant}`]);
      const repository = manager.getRepository(PolicyRow);
      const known = await standings(manager, tenant);
      let changed = 0;
      for (const policy of policies) {
        const id = stableId(tenant, 'policy', policy.cause);
        const contentHash = hashOf(policy);
        const { latest, suggested, approved } = known.get(id) ?? NEW;
        if (approved?.contentHash === contentHash) continue;
        known.delete(id);
        if (suggested?.contentHash === contentHash) continue;
        const version = suggested?.version ?? latest + 1;
        const fields = { policySet: DEFAULT_SET, state: 'suggested' as const, body: policy, contentHash };
        await repository.save({ tenantId: tenant, id, version, ...fields });
        changed++;
      }
      const withdrawn = isAll ? [...known].filter(([, { suggested }]) => suggested !== undefined) : [];
      for (const [id] of withdrawn) {
        await repository.update({ tenantId: tenant, id, state: 'suggested' }, { state: 'superseded' });
      }
      return changed;
    });
  }

  async approved(tenant: string, policySet: string): Promise<PolicyVersion[]> {
    const where = { tenantId: tenant, policySet, state: 'approved' as const };
    const rows = await this.dataSource.getRepository(PolicyRow).find({ where, order: { id: 'ASC' } });
    const versions = rows.map(({ id, version, state, body }) => ({ id, version, state, policy: body }));
    return withRatesInForce(this.dataSource, tenant, versions);
  }

  async counts(tenant: string): Promise<Record<PolicyState, number>> {
    const rows: { state: PolicyState; n: string }[] = await this.dataSource.query(
      'SELECT state, count(*) AS n FROM policy WHERE tenant_id = $1 GROUP BY state',
      [tenant],
    );
    const counts = Object.fromEntries(POLICY_STATES.map((state) => [state, 0])) as Record<PolicyState, number>;
    for (const { state, n } of rows) counts[state] = Number(n);
    return counts;
  }

  /** The latest version of each policy, newest first. */
  async list(
    tenant: string,
    state: PolicyState | undefined,
    limit: number,
    after: { createdAt: string; id: string } | null,
  ): Promise<PolicyRow[]> {
    const query = this.dataSource
      .getRepository(PolicyRow)
      .createQueryBuilder('p')
      .where('p.tenantId = :tenant', { tenant });
    if (state === undefined) query.andWhere("p.state IN ('suggested', 'approved')");
    else query.andWhere('p.state = :state', { state });
    if (after !== null) query.andWhere("(date_trunc('milliseconds', p.createdAt), p.id) < (:createdAt, :id)", after);
    query.orderBy("date_trunc('milliseconds', p.createdAt)", 'DESC').addOrderBy('p.id', 'DESC');
    return query.addOrderBy('p.version', 'DESC').limit(limit).getMany();
  }

  /** All versions of a policy, latest first. */
  versions(tenant: string, id: string): Promise<PolicyRow[]> {
    const where = { tenantId: tenant, id };
    return this.dataSource.getRepository(PolicyRow).find({ where, order: { version: 'DESC' } });
  }

  /**
   * Approves the suggested version of a policy and supersedes the version that was approved before.
   *
   * @param contentHash of the version that was looked at, or null to take whichever is suggested now
   */
  approve(tenant: string, id: string, by: string, contentHash: string | null): Promise<PolicyRow | NotApproved> {
    return this.dataSource.transaction(async (manager) => {
      const repository = manager.getRepository(PolicyRow);
      const where = { tenantId: tenant, id };
      const rows = await repository.find({ where, order: { version: 'DESC' }, lock: { mode: 'pessimistic_write' } });
      const suggested = rows.find((row) => row.state === 'suggested');
      if (rows.length === 0) return 'unknown';
      if (suggested === undefined) return 'not-suggested';
      if (contentHash !== null && suggested.contentHash !== contentHash) return 'changed';
      const decided = { decidedAt: new Date(), decidedBy: by };
      await repository.update({ ...where, state: 'approved' }, { state: 'superseded' });
      await repository.update({ ...where, version: suggested.version }, { state: 'approved', ...decided });
      return { ...suggested, state: 'approved' as const, ...decided };
    });
  }

  /**
   * Takes the approved version of a policy out of service. The version that was approved before it, if any, is approved
   * again; one that was rolled back itself never comes back by this.
   *
   * @param contentHash of the version that was looked at, or null to take whichever is approved now
   */
  rollBack(tenant: string, id: string, by: string, contentHash: string | null): Promise<PolicyRow | NotRolledBack> {
    return this.dataSource.transaction(async (manager) => {
      const repository = manager.getRepository(PolicyRow);
      const where = { tenantId: tenant, id };
      const rows = await repository.find({ where, order: { version: 'DESC' }, lock: { mode: 'pessimistic_write' } });
      const approved = rows.find((row) => row.state === 'approved');
      if (rows.length === 0) return 'unknown';
      if (approved === undefined) return 'not-approved';
      if (contentHash !== null && approved.contentHash !== contentHash) return 'changed';
      const decided = { decidedAt: new Date(), decidedBy: by };
      const before = rows.find(({ state, decidedAt }) => state === 'superseded' && decidedAt !== null);
      await repository.update({ ...where, version: approved.version }, { state: 'rolled_back', ...decided });
      if (before !== undefined) {
        await repository.update({ ...where, version: before.version }, { state: 'approved', ...decided });
      }
      return { ...approved, state: 'rolled_back' as const, ...decided };
    });
  }
}

type KnownVersion = Pick<PolicyRow, 'version' | 'contentHash'>;

/** The versions of a policy that count. */
interface PolicyStanding {
  latest: number;
  suggested: KnownVersion | undefined;
  approved: KnownVersion | undefined;
}

const NOT_SAMPLING = Raw(() => "body->'action'->>'kind' <> 'sample'");
const NEW: PolicyStanding = { latest: 0, suggested: undefined, approved: undefined };

/** By the id of the policy; those on sampling are offered by others. */
async function standings(manager: EntityManager, tenant: string): Promise<Map<string, PolicyStanding>> {
  const select = { id: true, version: true, state: true, contentHash: true } as const;
  const rows = await manager.getRepository(PolicyRow).find({ select, where: { tenantId: tenant, body: NOT_SAMPLING } });
  const known = new Map<string, PolicyStanding>();
  for (const { id, version, state, contentHash } of rows) {
    const standing = known.get(id) ?? { ...NEW };
    standing.latest = Math.max(standing.latest, version);
    if (state === 'suggested' || state === 'approved') standing[state] = { version, contentHash };
    known.set(id, standing);
  }
  return known;
}

/** Hash of what a policy does; its evidence may grow without making it another policy. */
export function hashOf({ location, key, services, action }: Policy): string {
  return hash('sha256', JSON.stringify([location, key, services, action]), 'hex');
}
