import { hash } from 'node:crypto';
import { type DataSource, type EntityManager, In, Raw } from 'typeorm';
import {
  IN_FORCE,
  POLICY_STATES,
  type Policy,
  type PolicyState,
  type PolicyVersion,
} from '../../engine/model/policy.js';
import { DEFAULT_SET, type RolledVersion } from '../../engine/model/rollout.js';
import { inForce } from '../../engine/policy/rollout.js';
import type { PolicyStore } from '../../flow/ports.js';
import { PolicyRow } from './entities/index.js';
import { stableId } from './ids.js';
import { withRatesInForce } from './sampling-rates.js';

/** A version in force, with when it was approved. */
export interface RolledRow extends RolledVersion {
  readonly policySet: string;
  readonly decidedAt: Date;
}

/** Policies as they are read, and the suggestions among them. What people decide on them is in `policy-life.ts`. */
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
        const { latest, suggested, settled, isDrafted } = known.get(id) ?? NEW;
        if (settled?.contentHash === contentHash) continue;
        known.delete(id);
        // Somebody is at it.
        if (isDrafted || suggested?.contentHash === contentHash) continue;
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

  /** What collectors without labels get of a set. */
  async approved(tenant: string, policySet: string): Promise<PolicyVersion[]> {
    return inForce(await this.rolledOut(tenant, policySet), {});
  }

  /** Versions that collectors have or are to have, of one set or all. */
  async rolledOut(tenant: string, policySet?: string): Promise<RolledRow[]> {
    const where = { tenantId: tenant, state: In(IN_FORCE), ...(policySet !== undefined && { policySet }) };
    const rows = await this.rows.find({ where, order: { id: 'ASC', version: 'ASC' } });
    const versions = rows.flatMap(({ id, version, state, body, rollout, decidedAt, policySet: set }) =>
      rollout === null || decidedAt === null
        ? []
        : [{ id, version, state, policy: body, rollout, decidedAt, policySet: set }],
    );
    return withRatesInForce(this.dataSource, tenant, versions);
  }

  /** Of each policy the latest version that some collector has, in the order of the ids. */
  async newestRolledOut(tenant: string): Promise<RolledRow[]> {
    const served = (await this.rolledOut(tenant)).filter(({ rollout }) => !rollout.isWithdrawn);
    return [...new Map(served.map((row) => [row.id, row])).values()];
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

  /** Versions in a state, or else those that are proposed or in force, newest first. */
  async list(
    tenant: string,
    state: PolicyState | undefined,
    limit: number,
    after: { createdAt: string; id: string } | null,
  ): Promise<PolicyRow[]> {
    const query = this.rows.createQueryBuilder('p').where('p.tenantId = :tenant', { tenant });
    if (state === undefined) query.andWhere("p.state IN ('draft', 'suggested', 'approved', 'active')");
    else query.andWhere('p.state = :state', { state });
    if (after !== null) query.andWhere("(date_trunc('milliseconds', p.createdAt), p.id) < (:createdAt, :id)", after);
    query.orderBy("date_trunc('milliseconds', p.createdAt)", 'DESC').addOrderBy('p.id', 'DESC');
    return query.addOrderBy('p.version', 'DESC').limit(limit).getMany();
  }

  /** All versions of a policy, latest first. */
  versions(tenant: string, id: string): Promise<PolicyRow[]> {
    return this.rows.find({ where: { tenantId: tenant, id }, order: { version: 'DESC' } });
  }

  private get rows() {
    return this.dataSource.getRepository(PolicyRow);
  }
}

type KnownVersion = Pick<PolicyRow, 'version' | 'contentHash'>;

/** The versions of a policy that count. */
interface PolicyStanding {
  latest: number;
  suggested: KnownVersion | undefined;
  /** The latest that is in force or that somebody does not want: saying it again is of no use. */
  settled: KnownVersion | undefined;
  isDrafted: boolean;
}

const NOT_SAMPLING = Raw(() => "body->'action'->>'kind' <> 'sample'");
const NEW: PolicyStanding = { latest: 0, suggested: undefined, settled: undefined, isDrafted: false };
const SETTLED: ReadonlySet<PolicyState> = new Set([...IN_FORCE, 'rejected']);

/** By the id of the policy; those on sampling are offered by others. */
async function standings(manager: EntityManager, tenant: string): Promise<Map<string, PolicyStanding>> {
  const select = { id: true, version: true, state: true, contentHash: true } as const;
  const where = { tenantId: tenant, body: NOT_SAMPLING };
  const rows = await manager.getRepository(PolicyRow).find({ select, where, order: { version: 'ASC' } });
  const known = new Map<string, PolicyStanding>();
  for (const { id, version, state, contentHash } of rows) {
    const standing = known.get(id) ?? { ...NEW };
    standing.latest = version;
    if (state === 'suggested') standing.suggested = { version, contentHash };
    if (state === 'draft') standing.isDrafted = true;
    if (SETTLED.has(state)) standing.settled = { version, contentHash };
    known.set(id, standing);
  }
  return known;
}

/** Hash of what a policy does; its evidence may grow without making it another policy. */
export function hashOf({ location, key, services, action, environments = [] }: Policy): string {
  const scope = environments.length === 0 ? [] : [environments];
  return hash('sha256', JSON.stringify([location, key, services, action, ...scope]), 'hex');
}
