import { randomUUID } from 'node:crypto';
import type { DataSource, EntityManager, Repository } from 'typeorm';
import { IN_FORCE, type Policy, type PolicyState, PROPOSED } from '../../engine/model/policy.js';
import type { PolicySetSettings, Proof, Rollout } from '../../engine/model/rollout.js';
import { beginRollout, losesData } from '../../engine/policy/rollout.js';
import type { AuditDetails } from '../audit/audit-entry.js';
import type { AuditLog } from '../audit/audit-log.js';
import { PolicyRow } from './entities/index.js';
import { hashOf } from './policy-store.js';

/** Why a step was not taken; `changed` means that another version is there than the one that was looked at. */
export type NotDone =
  | 'unknown'
  | 'changed'
  | 'not-proposed'
  | 'not-in-force'
  | 'not-running'
  | 'same-person'
  | 'not-simulated';

export interface Approval {
  readonly by: string;
  /** Of the version that was looked at; null to take whichever is proposed. */
  readonly contentHash: string | null;
  readonly settings: PolicySetSettings;
  /** The version that was simulated last; null for none. */
  readonly simulated: number | null;
  /** Why it is approved without a simulation; null where it is not to be. */
  readonly waiver: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

interface Versions {
  readonly all: readonly PolicyRow[];
  readonly proposed: PolicyRow | undefined;
  /** The latest in force. */
  readonly current: PolicyRow | undefined;
}

/** The life of policies: written, approved, rolled out, taken back. Every step is one transaction with its audit entry. */
export class PostgresPolicyLife {
  constructor(
    private readonly dataSource: DataSource,
    private readonly audit: AuditLog,
  ) {}

  /** A policy of somebody's own, or a new version of one. */
  draft(tenant: string, policySet: string, policy: Policy, author: string): Promise<PolicyRow> {
    return this.dataSource.transaction(async (manager) => {
      const fields = { id: randomUUID(), version: 1, policySet, body: policy, contentHash: hashOf(policy) };
      const rows = manager.getRepository(PolicyRow);
      await rows.insert({ tenantId: tenant, state: 'draft', author, ...fields });
      await this.note(manager, tenant, author, 'policy.draft', fields);
      return rows.findOneByOrFail({ tenantId: tenant, id: fields.id, version: 1 });
    });
  }

  /** Changes what is proposed, or proposes a new version of what is in force. */
  revise(
    tenant: string,
    id: string,
    contentHash: string,
    policy: Policy,
    author: string,
  ): Promise<PolicyRow | NotDone> {
    return this.step(tenant, id, async (manager, rows, { all, proposed }) => {
      const [latest] = all as [PolicyRow];
      if (latest.contentHash !== contentHash) return 'changed';
      const version = proposed?.version ?? latest.version + 1;
      // What was suggested for a cause stays its answer, so that the cause is not suggested twice.
      const body = { ...policy, cause: latest.body.cause, findings: latest.body.findings };
      const fields = { id, version, policySet: latest.policySet, body, contentHash: hashOf(body) };
      await rows.save({ tenantId: tenant, state: 'draft', author, ...fields });
      await this.note(manager, tenant, author, 'policy.revise', fields);
      return rows.findOneByOrFail({ tenantId: tenant, id, version });
    });
  }

  reject(
    tenant: string,
    id: string,
    by: string,
    contentHash: string | null,
    why: string,
  ): Promise<PolicyRow | NotDone> {
    return this.step(tenant, id, async (manager, rows, { proposed }) => {
      if (proposed === undefined) return 'not-proposed';
      if (isOther(proposed, contentHash)) return 'changed';
      return this.write(manager, rows, proposed, by, 'policy.reject', { state: 'rejected' }, { why });
    });
  }

  /** Approves the proposed version and begins to roll it out; the version before stays where this one is not yet. */
  approve(tenant: string, id: string, approval: Approval): Promise<PolicyRow | NotDone> {
    const { by, contentHash, settings, simulated, waiver, now } = approval;
    return this.step(tenant, id, async (manager, rows, { proposed, current }) => {
      if (proposed === undefined) return 'not-proposed';
      if (isOther(proposed, contentHash)) return 'changed';
      if (losesData(proposed.body.action)) {
        if (settings.twoPersons && proposed.author === by) return 'same-person';
        if (settings.simulateFirst && simulated !== proposed.version && waiver === null) return 'not-simulated';
      }
      if (current?.rollout?.status === 'running' && current.state === 'approved') {
        const reason = `Version ${proposed.version} is rolled out.`;
        await this.write(manager, rows, current, by, null, {
          rollout: { ...current.rollout, status: 'paused', reason },
        });
      }
      const rollout = beginRollout(settings.stages, now);
      const fields = { state: 'approved' as const, rollout, proof: null, ...decided(by, now) };
      const details = { stages: rollout.stages.length, simulated: simulated === proposed.version, waiver };
      return this.write(manager, rows, proposed, by, 'policy.approve', fields, details);
    });
  }

  /** Changes the roll-out of the version in force; `change` gives null where it cannot be. */
  async roll(
    tenant: string,
    id: string,
    by: string,
    action: string,
    change: (rollout: Rollout, state: PolicyState) => Rollout | null,
    proof?: Proof,
  ): Promise<PolicyRow | NotDone> {
    return this.step(tenant, id, async (manager, rows, { current }) => {
      if (current?.rollout == null) return 'not-in-force';
      const rollout = change(current.rollout, current.state);
      if (rollout === null) return 'not-running';
      const details = { stage: rollout.stages[rollout.stage]!.name, status: rollout.status, why: rollout.reason };
      return this.write(manager, rows, current, by, action, { rollout, ...(proof && { proof }) }, details);
    });
  }

  /** Goes on to the next stage without proof, and from the last one to the end. */
  goOn(tenant: string, id: string, by: string, now: number): Promise<PolicyRow | NotDone> {
    return this.step(tenant, id, async (manager, rows, versions) => {
      const { current } = versions;
      if (current?.rollout == null) return 'not-in-force';
      const { rollout, state, proof } = current;
      if (state !== 'approved' || rollout.status !== 'running') return 'not-running';
      if (rollout.stage === rollout.stages.length - 1) return this.end(manager, rows, versions, current, by, proof);
      const next: Rollout = { ...rollout, stage: rollout.stage + 1, stageSince: now };
      const details = { stage: next.stages[next.stage]!.name };
      return this.write(manager, rows, current, by, 'policy.continue', { rollout: next }, details);
    });
  }

  /** The version in force is what everybody has: versions before it are superseded. */
  finish(tenant: string, id: string, version: number, by: string, proof: Proof): Promise<PolicyRow | NotDone> {
    return this.step(tenant, id, async (manager, rows, versions) => {
      const { current } = versions;
      if (current?.rollout == null || current.version !== version) return 'changed';
      return this.end(manager, rows, versions, current, by, proof);
    });
  }

  private async end(
    manager: EntityManager,
    rows: Repository<PolicyRow>,
    { all }: Versions,
    current: PolicyRow,
    by: string,
    proof: Proof | null,
  ): Promise<PolicyRow> {
    for (const row of all) {
      if (row === current || !isInForce(row)) continue;
      await this.write(manager, rows, row, by, 'policy.supersede', { state: 'superseded' }, { by: current.version });
    }
    const rollout: Rollout = { ...current.rollout!, status: 'done', reason: '' };
    const details = { verdict: proof?.verdict ?? 'insufficient_evidence', why: proof?.why ?? '' };
    return this.write(manager, rows, current, by, 'policy.activate', { state: 'active', rollout, proof }, details);
  }

  /** What the data said last of a version; no step of its life, and on no record. */
  async keepProof(tenant: string, id: string, version: number, proof: Proof): Promise<void> {
    await this.dataSource.getRepository(PolicyRow).update({ tenantId: tenant, id, version }, { proof });
  }

  /**
   * Takes the version in force back. The one that was in force before it, if any, is so again; one that was rolled back
   * itself never comes back by this.
   */
  rollBack(tenant: string, id: string, by: string, contentHash: string | null): Promise<PolicyRow | NotDone> {
    return this.step(tenant, id, async (manager, rows, { all, current }) => {
      if (current === undefined) return 'not-in-force';
      if (isOther(current, contentHash)) return 'changed';
      const rest = all.some((row) => row !== current && isInForce(row));
      const before = rest ? undefined : all.find(({ state, rollout }) => state === 'superseded' && rollout !== null);
      if (before !== undefined) {
        await this.write(manager, rows, before, by, 'policy.restore', { state: 'active', ...decided(by, Date.now()) });
      }
      const fields = { state: 'rolled_back' as const, ...decided(by, Date.now()) };
      return this.write(manager, rows, current, by, 'policy.roll-back', fields, { restored: before?.version ?? null });
    });
  }

  private step(
    tenant: string,
    id: string,
    work: (manager: EntityManager, rows: Repository<PolicyRow>, versions: Versions) => Promise<PolicyRow | NotDone>,
  ): Promise<PolicyRow | NotDone> {
    return this.dataSource.transaction(async (manager) => {
      const rows = manager.getRepository(PolicyRow);
      const where = { tenantId: tenant, id };
      const all = await rows.find({ where, order: { version: 'DESC' }, lock: { mode: 'pessimistic_write' } });
      if (all.length === 0) return 'unknown';
      const proposed = all.find(({ state }) => (PROPOSED as readonly PolicyState[]).includes(state));
      return work(manager, rows, { all, proposed, current: all.find(isInForce) });
    });
  }

  private async write(
    manager: EntityManager,
    rows: Repository<PolicyRow>,
    row: PolicyRow,
    by: string,
    action: string | null,
    fields: Partial<PolicyRow>,
    details: AuditDetails = {},
  ): Promise<PolicyRow> {
    const { tenantId, id, version } = row;
    await rows.update({ tenantId, id, version }, fields as object);
    if (action !== null) await this.note(manager, tenantId, by, action, row, details);
    return { ...row, ...fields };
  }

  private note(
    manager: EntityManager,
    tenant: string,
    actor: string,
    action: string,
    { id, version, policySet, contentHash }: Pick<PolicyRow, 'id' | 'version' | 'policySet' | 'contentHash'>,
    details: AuditDetails = {},
  ): Promise<void> {
    const all = { version, policy_set: policySet, content_hash: contentHash, ...details };
    return this.audit.append(manager, tenant, { actor, action, object: `policy/${id}`, details: all });
  }
}

function isInForce({ state }: PolicyRow): boolean {
  return (IN_FORCE as readonly PolicyState[]).includes(state);
}

function isOther(row: PolicyRow, contentHash: string | null): boolean {
  return contentHash !== null && row.contentHash !== contentHash;
}

function decided(by: string, now: number): Pick<PolicyRow, 'decidedAt' | 'decidedBy'> {
  return { decidedAt: new Date(now), decidedBy: by };
}
