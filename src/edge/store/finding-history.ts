import { type DataSource, type EntityManager, In } from 'typeorm';
import type { FindingChange } from '../../engine/model/finding-state.js';
import { type Decision, decide } from '../../engine/triage/change.js';
import { FindingEvent, FindingRow } from './entities/index.js';
import { NOBODY } from './rollup-store.js';

/** Why nothing was changed: some of the findings are not there, or one is not in the version that was looked at. */
export type NotChanged = { readonly unknown: readonly string[] } | 'stale';

/** A finding after a change, and whether that changed anything. */
export interface ChangedFinding {
  readonly id: string;
  readonly version: number;
  readonly isChanged: boolean;
}

/** What people decide on findings. Every change is an event of the history, written with it. */
export class PostgresFindingHistory {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Changes all of some findings or none of them.
   *
   * @param change without problems by `checkChange`
   * @param version that the findings must be in; null for whichever
   */
  change(
    tenant: string,
    ids: readonly string[],
    change: FindingChange,
    by: string,
    version: number | null,
  ): Promise<ChangedFinding[] | NotChanged> {
    return this.dataSource.transaction(async (manager) => {
      // In the order of the ids, as ingest locks them.
      const rows = await manager.getRepository(FindingRow).find({
        where: { tenantId: tenant, id: In([...ids]) },
        order: { id: 'ASC' },
        lock: { mode: 'pessimistic_write' },
      });
      const known = new Set(rows.map((row) => row.id));
      const unknown = ids.filter((id) => !known.has(id));
      if (unknown.length > 0) return { unknown };
      if (version !== null && rows.some((row) => row.version !== version)) return 'stale';
      const now = Date.now();
      const changed: ChangedFinding[] = [];
      for (const row of rows) changed.push(await write(manager, row, change, by, now));
      return changed;
    });
  }

  /** Events of a finding, latest first, at most `limit` with versions below `before`. */
  events(tenant: string, id: string, limit: number, before: number | null): Promise<FindingEvent[]> {
    const query = this.dataSource.getRepository(FindingEvent).createQueryBuilder('e');
    query.where('e.tenantId = :tenant AND e.findingId = :id', { tenant, id });
    if (before !== null) query.andWhere('e.version < :before', { before });
    return query.orderBy('e.version', 'DESC').limit(limit).getMany();
  }

  /** Opens findings of all tenants that were resolved for a time which is over; gives how many. */
  async expire(): Promise<number> {
    const rows: unknown[] = await this.dataSource.query(
      `WITH over AS (
         SELECT tenant_id, dist_key, id FROM finding WHERE state = 'resolved' AND expires_at <= now()
         ORDER BY id FOR UPDATE SKIP LOCKED
       ), opened AS (
         UPDATE finding f SET state = 'open', version = f.version + 1 FROM over o
         WHERE f.tenant_id = o.tenant_id AND f.dist_key = o.dist_key AND f.id = o.id
         RETURNING f.tenant_id, f.dist_key, f.id, f.version
       )
       INSERT INTO finding_event (tenant_id, dist_key, finding_id, version, actor, action, state)
       SELECT tenant_id, dist_key, id, version, $1, 'expired', 'open' FROM opened RETURNING finding_id`,
      [NOBODY],
    );
    return rows.length;
  }
}

async function write(
  manager: EntityManager,
  row: FindingRow,
  change: FindingChange,
  by: string,
  now: number,
): Promise<ChangedFinding> {
  const { tenantId, distKey, id, state, resolution } = row;
  const standing = { state, resolution, expiresAt: row.expiresAt?.getTime() ?? null, lastSeen: row.lastSeen.getTime() };
  const decision = decide(standing, change, now);
  const comment = change.comment ?? '';
  if (decision === null && comment === '') return { id, version: row.version, isChanged: false };
  const version = row.version + 1;
  const fields = decision === null ? {} : fieldsOf(decision, now);
  await manager.getRepository(FindingRow).update({ tenantId, distKey, id }, { ...fields, version });
  await manager.getRepository(FindingEvent).insert({
    ...{ tenantId, distKey, findingId: id, version, actor: by, comment },
    ...{ at: new Date(now), action: decision?.action ?? 'commented', state: decision?.state ?? state },
    ...{ resolution: decision?.resolution ?? null, expiresAt: dateOf(decision?.expiresAt) },
  });
  return { id, version, isChanged: true };
}

function fieldsOf({ state, resolution, resolvedAt, expiresAt, reopenAfter }: Decision, now: number) {
  return {
    ...{ state, resolution, resolvedAt: dateOf(resolvedAt), expiresAt: dateOf(expiresAt) },
    ...{ reopenAfter: dateOf(reopenAfter), regressedAt: null, triagedAt: new Date(now) },
  };
}

function dateOf(time: number | null | undefined): Date | null {
  return time === null || time === undefined ? null : new Date(time);
}
