import { DataSource, In, Not } from 'typeorm';
import type { PolicyState } from '../../engine/model/policy.js';
import type { PolicySetSettings, Proof, Rollout } from '../../engine/model/rollout.js';
import type { ReportingCollector, RolledPolicy, RolloutPorts, RolloutStore } from '../../flow/rollouts.js';
import { CollectorRow } from '../store/entities/collectors.js';
import { FindingRow, SPANWARDEN } from '../store/entities/index.js';
import { PostgresFindingHistory } from '../store/finding-history.js';
import { PostgresPolicyLife } from '../store/policy-life.js';
import { type PolicySet, PostgresPolicySetStore, setFor } from '../store/policy-set-store.js';
import { PostgresPolicyStore } from '../store/policy-store.js';

/** Roll-outs in PostgreSQL; steps that nobody takes are taken by spanwarden. */
export class PostgresRollouts implements RolloutStore {
  constructor(
    private readonly policies: PostgresPolicyStore,
    private readonly life: PostgresPolicyLife,
    private readonly sets: PostgresPolicySetStore,
  ) {}

  rolledOut(tenant: string): Promise<RolledPolicy[]> {
    return this.policies.rolledOut(tenant);
  }

  async settings(tenant: string): Promise<Map<string, PolicySetSettings>> {
    const sets = await this.sets.list(tenant);
    return new Map(sets.map(({ settings }) => [settings.name, settings]));
  }

  revisionsWith(tenant: string, id: string, version: number): Promise<string[]> {
    return this.sets.revisionsWith(tenant, id, version);
  }

  async roll(
    tenant: string,
    id: string,
    action: string,
    change: (rollout: Rollout, state: PolicyState) => Rollout | null,
    proof: Proof,
  ): Promise<void> {
    await this.life.roll(tenant, id, SPANWARDEN, action, change, proof);
  }

  async finish(tenant: string, id: string, version: number, proof: Proof): Promise<boolean> {
    return typeof (await this.life.finish(tenant, id, version, SPANWARDEN, proof)) !== 'string';
  }

  keepProof(tenant: string, id: string, version: number, proof: Proof): Promise<void> {
    return this.life.keepProof(tenant, id, version, proof);
  }
}

/** Collectors that say what became of what they were given. */
export function reportingCollectors(dataSource: DataSource, sets: PostgresPolicySetStore): RolloutPorts['collectors'] {
  return {
    async reporting(tenant) {
      const rows = await dataSource
        .getRepository(CollectorRow)
        .find({ where: { tenantId: tenant, kind: Not('pull' as const) } });
      const all = await sets.list(tenant);
      return rows.map((row) => reporting(row, all));
    },
  };
}

function reporting(row: CollectorRow, sets: readonly PolicySet[]): ReportingCollector {
  const isOfWanted = row.wantedHash !== '' && row.reportedHash === row.wantedHash;
  return {
    ...{ id: row.id, labels: row.labels, policySet: row.policySet || setFor(sets, row.labels).settings.name },
    status: isOfWanted ? row.configStatus : 'applying',
    statusAt: row.configStatusAt?.getTime() ?? 0,
    isOffline: row.offlineSince !== null,
  };
}

/** Findings that data show to be redacted. A match from then on opens them again. */
export function policyFindings(dataSource: DataSource, history: PostgresFindingHistory): RolloutPorts['findings'] {
  return {
    async resolveByPolicy(tenant, ids, policy, why) {
      if (ids.length === 0) return;
      const where = { tenantId: tenant, id: In([...ids]), state: Not('resolved' as const) };
      const open = await dataSource.getRepository(FindingRow).find({ select: { id: true }, where });
      if (open.length === 0) return;
      const comment = `Policy ${policy}: ${why}`;
      const change = { state: 'resolved', resolution: 'redacted_by_policy', comment, isProved: true } as const;
      await history.change(
        tenant,
        open.map(({ id }) => id),
        change,
        SPANWARDEN,
        null,
      );
    },
  };
}
