import type { DataSource } from 'typeorm';
import type { Tap } from '../../engine/model/evidence.js';
import { CanaryRow } from './entities/evidence.js';

/** A canary of a run as it is kept: what it is to prove, and not what is planted in it. */
export interface CanaryItem {
  readonly item: number;
  readonly policy: string;
  readonly version: number;
  readonly service: string;
}

/** A canary with one of the times that it came back; those that did not have one row with nulls. */
export interface CanaryJoin {
  readonly run: string;
  readonly policy: string;
  readonly version: number;
  /** Null where the policy is gone. */
  readonly title: string | null;
  readonly item: number;
  readonly created: Date;
  readonly expires: Date;
  readonly collector: string | null;
  readonly tap: Tap | null;
  readonly revision: string | null;
  readonly leaking: boolean | null;
  readonly received: Date | null;
}

const MAX_CANARIES = 10_000;
const JOINED = `SELECT c.run_id AS run, c.policy_id AS policy, c.policy_version AS version, p.body ->> 'title' AS title,
    c.item, c.created_at AS created, c.expires_at AS expires, s.collector, s.tap, s.revision, s.is_leaking AS leaking,
    s.received_at AS received
  FROM c
  LEFT JOIN canary_sighting s ON s.tenant_id = c.tenant_id AND s.run_id = c.run_id AND s.item = c.item
  LEFT JOIN policy p ON p.tenant_id = c.tenant_id AND p.id = c.policy_id AND p.version = c.policy_version`;

/** Canaries that were sent, and what came back of them. */
export class PostgresCanaryStore {
  constructor(private readonly dataSource: DataSource) {}

  async start(
    tenant: string,
    run: { readonly id: string; readonly author: string; readonly createdAt: Date; readonly expiresAt: Date },
    items: readonly CanaryItem[],
  ): Promise<void> {
    const { id: runId, author, createdAt, expiresAt } = run;
    const rows = items.map(({ item, policy, version, service }) => ({
      ...{ tenantId: tenant, runId, item, policyId: policy, policyVersion: version },
      ...{ service, author, createdAt, expiresAt },
    }));
    await this.dataSource.getRepository(CanaryRow).insert(rows);
  }

  ofRun(tenant: string, id: string): Promise<CanaryJoin[]> {
    return this.dataSource.query(
      `WITH c AS (SELECT * FROM canary WHERE tenant_id = $1 AND run_id = $2) ${JOINED} ORDER BY c.item`,
      [tenant, id],
    );
  }

  /** Of runs that were started since then, the latest. */
  since(tenant: string, since: Date): Promise<CanaryJoin[]> {
    return this.dataSource.query(
      `WITH c AS (SELECT * FROM canary WHERE tenant_id = $1 AND created_at >= $2
         ORDER BY created_at DESC, run_id, item LIMIT $3) ${JOINED}`,
      [tenant, since, MAX_CANARIES],
    );
  }
}
