import type { DataSource } from 'typeorm';
import type { AuditOutcome } from '../audit/audit-entry.js';
import type { HashedEvent } from '../audit/chain-check.js';
import { AuditEventRow } from './entities/audit.js';

export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  /** Of `findings` also `findings/<id>`. */
  readonly object?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const CHUNK = 1_000;

/** Reads the audit log. */
export class PostgresAuditStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A page, latest first. */
  async list(tenant: string, filter: AuditFilter, limit: number, before: number | null): Promise<HashedEvent[]> {
    const query = this.filtered(tenant, filter).orderBy('e.seq', 'DESC').limit(limit);
    if (before !== null) query.andWhere('e.seq < :before', { before });
    return (await query.getMany()).map(eventOf);
  }

  /** Hash of an event, in hex; null where there is none. */
  async hashOf(tenant: string, seq: number): Promise<string | null> {
    const row = await this.dataSource.getRepository(AuditEventRow).findOneBy({ tenantId: tenant, seq });
    return row?.hash.toString('hex') ?? null;
  }

  /** All events from the first on, some at a time. */
  async *pages(tenant: string, filter: AuditFilter = {}): AsyncGenerator<HashedEvent[]> {
    for (let after = 0; ; ) {
      const query = this.filtered(tenant, filter).andWhere('e.seq > :after', { after });
      const rows = await query.orderBy('e.seq', 'ASC').limit(CHUNK).getMany();
      if (rows.length > 0) yield rows.map(eventOf);
      if (rows.length < CHUNK) return;
      after = rows.at(-1)!.seq;
    }
  }

  private filtered(tenant: string, { actor, action, object, outcome, from, to }: AuditFilter) {
    const query = this.dataSource.getRepository(AuditEventRow).createQueryBuilder('e');
    query.where('e.tenantId = :tenant', { tenant });
    if (actor !== undefined) query.andWhere('e.actor = :actor', { actor });
    if (action !== undefined) query.andWhere('e.action = :action', { action });
    if (outcome !== undefined) query.andWhere('e.outcome = :outcome', { outcome });
    if (from !== undefined) query.andWhere('e.at >= :from', { from });
    if (to !== undefined) query.andWhere('e.at < :to', { to });
    if (object !== undefined) {
      const below = `${object.replace(/[\\%_]/g, '\\$&')}/%`;
      query.andWhere('(e.object = :object OR e.object LIKE :below)', { object, below });
    }
    return query;
  }
}

function eventOf({ tenantId, at, prevHash, hash, ...rest }: AuditEventRow): HashedEvent {
  const hashes = { prevHash: prevHash.toString('hex'), hash: hash.toString('hex') };
  return { ...rest, ...hashes, tenant: tenantId, at: at.toISOString() };
}
