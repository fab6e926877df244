import type { DataSource } from 'typeorm';
import type { CollectorSeen, Watched, WatchedStanding, WatchStore } from '../../flow/watch.js';
import { WatchedRow } from './entities/watched.js';
import { stableId } from './ids.js';

/** Collectors that were not there for longer are gone for good. */
const COLLECTOR_DAYS = 7;
/** What nobody looked at for longer is forgotten. */
const KEPT_DAYS = 30;

/** How things stand that rules of notifications ask for, in PostgreSQL. */
export class PostgresWatchStore implements WatchStore {
  constructor(private readonly dataSource: DataSource) {}

  async standings(tenant: string): Promise<WatchedStanding[]> {
    const rows = await this.dataSource.getRepository(WatchedRow).find({ where: { tenantId: tenant } });
    return rows.map(({ id, kind, subject, indicator, isBad, since, otherwiseSince, detail }) => ({
      ...{ id, kind, subject, indicator, isBad, detail },
      ...{ since: since?.getTime() ?? null, otherwiseSince: otherwiseSince?.getTime() ?? null },
    }));
  }

  idOf(tenant: string, { kind, subject, indicator }: Watched): string {
    return stableId(tenant, 'watched', kind, subject, indicator);
  }

  async save(tenant: string, standings: readonly WatchedStanding[]): Promise<void> {
    if (standings.length === 0) return;
    const timeOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
    await this.dataSource.query(
      `INSERT INTO watched (tenant_id, id, kind, subject, indicator, is_bad, since, otherwise_since, detail)
       SELECT $1, * FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::timestamptz[],
         $8::timestamptz[], $9::text[])
       ON CONFLICT (tenant_id, id) DO UPDATE SET is_bad = EXCLUDED.is_bad, since = EXCLUDED.since,
         otherwise_since = EXCLUDED.otherwise_since, detail = EXCLUDED.detail, looked_at = now()`,
      [
        tenant,
        standings.map(({ id }) => id),
        standings.map(({ kind }) => kind),
        standings.map(({ subject }) => subject),
        standings.map(({ indicator }) => indicator),
        standings.map(({ isBad }) => isBad),
        standings.map(({ since }) => timeOf(since)),
        standings.map(({ otherwiseSince }) => timeOf(otherwiseSince)),
        standings.map(({ detail }) => detail),
      ],
    );
  }

  /** Collectors that read policies when they start, and then no more, are not among them. */
  async collectors(tenant: string, now: Date): Promise<CollectorSeen[]> {
    const rows: CollectorSeen[] = await this.dataSource.query(
      `SELECT id, last_seen AS "lastSeen", offline_since IS NOT NULL AS "isOffline" FROM collector
       WHERE tenant_id = $1 AND kind <> 'pull' AND last_seen >= $2 ORDER BY id`,
      [tenant, new Date(now.getTime() - COLLECTOR_DAYS * 24 * 3_600_000)],
    );
    return rows;
  }

  /** Removes what is too old to matter, of all tenants. */
  async sweep(): Promise<void> {
    await this.dataSource.query(`DELETE FROM watched WHERE looked_at < now() - interval '${KEPT_DAYS} days'`);
  }
}
