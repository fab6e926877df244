import { type DataSource, LessThan } from 'typeorm';
import { IN_FORCE, type Policy, type PolicyState, type PolicyVersion, PROPOSED } from '../../engine/model/policy.js';
import { DEFAULT_SET } from '../../engine/model/rollout.js';
import type { AdaptedPolicy, AdaptState, AdaptStore } from '../../flow/adapt-sampling.js';
import { PolicyRow, SPANWARDEN } from './entities/index.js';
import { SamplingChangeRow, SamplingStateRow } from './entities/sampling.js';
import { stableId } from './ids.js';
import { hashOf } from './policy-store.js';

const PROPOSED_STATES: readonly PolicyState[] = PROPOSED;
const STATES_IN_FORCE: readonly PolicyState[] = IN_FORCE;
/** How long changes are kept. */
const CHANGE_DAYS = 90;
const DAY = 86_400_000;

interface Position {
  readonly changedAt: string;
}

/** What a sampling policy was offered as. */
export interface OfferedPolicy {
  readonly row: PolicyRow;
  /** False where the same is suggested or approved already. */
  readonly isNew: boolean;
}

/** Sampling policies as they are proposed, and the probabilities of those that follow the traffic. */
export class SamplingStore implements AdaptStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Makes a policy, or another version of the one of the same cause, that waits for approval. */
  offer(tenant: string, policy: Policy, author = SPANWARDEN): Promise<OfferedPolicy> {
    return this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`policies ${tenant}`]);
      const rows = manager.getRepository(PolicyRow);
      const key = { tenantId: tenant, id: stableId(tenant, 'policy', policy.cause) };
      const versions = await rows.find({ where: key, order: { version: 'DESC' } });
      const contentHash = hashOf(policy);
      const proposed = versions.find(({ state }) => PROPOSED_STATES.includes(state));
      // A version that a later one is taking the place of says what was, not what is wanted.
      const current = versions.find(({ state }) => STATES_IN_FORCE.includes(state));
      const same = [proposed, current].find((row) => row?.contentHash === contentHash);
      if (same !== undefined) return { row: same, isNew: false };
      const version = proposed?.version ?? (versions[0]?.version ?? 0) + 1;
      const state = author === SPANWARDEN ? ('suggested' as const) : ('draft' as const);
      await rows.save({ ...key, version, policySet: DEFAULT_SET, state, author, body: policy, contentHash });
      return { row: await rows.findOneByOrFail({ ...key, version }), isNew: true };
    });
  }

  /** Policies on sampling that are proposed or in force. */
  async known(tenant: string): Promise<PolicyVersion[]> {
    const rows = await this.dataSource
      .getRepository(PolicyRow)
      .createQueryBuilder('p')
      .where('p.tenantId = :tenant', { tenant })
      .andWhere('p.state IN (:...states)', { states: [...PROPOSED, ...IN_FORCE] })
      .andWhere("p.body->'action'->>'kind' = 'sample'")
      .orderBy('p.id')
      .addOrderBy('p.version')
      .getMany();
    return rows.map(({ id, version, state, body }) => ({ id, version, state, policy: body }));
  }

  /** Takes a suggestion back that has no reason any more. */
  async withdraw(tenant: string, cause: string): Promise<void> {
    const where = { tenantId: tenant, id: stableId(tenant, 'policy', cause), state: 'suggested' as const };
    await this.dataSource.getRepository(PolicyRow).update(where, { state: 'superseded' });
  }

  async states(tenant: string): Promise<Map<string, AdaptState>> {
    const rows = await this.dataSource.getRepository(SamplingStateRow).find({ where: { tenantId: tenant } });
    return new Map(rows.map(({ policyId, version, memory, snapshot }) => [policyId, { version, memory, snapshot }]));
  }

  /** What is in force of a policy and when it was looked at last; null where no round was made of it. */
  state(tenant: string, policyId: string): Promise<SamplingStateRow | null> {
    return this.dataSource.getRepository(SamplingStateRow).findOneBy({ tenantId: tenant, policyId });
  }

  /** Changes of a policy, latest first. */
  changes(tenant: string, policyId: string, limit: number, after: Position | null): Promise<SamplingChangeRow[]> {
    const query = this.dataSource
      .getRepository(SamplingChangeRow)
      .createQueryBuilder('c')
      .where('c.tenantId = :tenant AND c.policyId = :policyId', { tenant, policyId });
    if (after !== null) query.andWhere('c.changedAt < :changedAt', { ...after });
    return query.orderBy('c.changedAt', 'DESC').limit(limit).getMany();
  }

  async save(tenant: string, before: AdaptState | null, round: AdaptedPolicy, now: Date): Promise<boolean> {
    const { id: policyId, state, outcome, reason, rates, changes } = round;
    const key = { tenantId: tenant, policyId };
    return this.dataSource.transaction(async (manager) => {
      const rows = manager.getRepository(SamplingStateRow);
      const known = await rows.findOne({ where: key, lock: { mode: 'pessimistic_write' } });
      if ((known?.snapshot.at ?? null) !== (before?.snapshot.at ?? null)) return false;
      const isSame = known?.version === state.version;
      const inForce = rates ?? (isSame ? known.rates : null);
      const ratesAt = rates !== null ? now : isSame ? known.ratesAt : null;
      const fields = { ...state, rates: inForce, ratesAt, outcome, reason, checkedAt: now };
      if (known === null) await rows.insert({ ...key, ...fields });
      else await rows.update(key, fields);
      const log = manager.getRepository(SamplingChangeRow);
      if (changes.length > 0) await log.insert({ ...key, changedAt: now, version: state.version, changes, reason });
      await log.delete({ ...key, changedAt: LessThan(new Date(now.getTime() - CHANGE_DAYS * DAY)) });
      return true;
    });
  }
}
