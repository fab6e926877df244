import type { DataSource } from 'typeorm';
import type { CollectorFacts, CollectorKind, ConfigStatus, Labels } from '../../engine/model/collector.js';
import { NOTHING_KNOWN } from '../../engine/model/collector.js';
import { CollectorRow } from './entities/collectors.js';

/** A collector that is to be stored. */
export interface CollectorEntry {
  readonly id: string;
  readonly kind: CollectorKind;
  readonly transport: string;
  readonly intervalSeconds: number;
  readonly facts: CollectorFacts;
  readonly lastSeen: Date;
  /** Null while it is there. */
  readonly offlineSince: Date | null;
}

export interface CollectorFilter {
  readonly labels: Labels;
  readonly status: ConfigStatus | undefined;
  readonly kind: CollectorKind | undefined;
  readonly online: boolean | undefined;
  readonly drifted: boolean | undefined;
  readonly healthy: boolean | undefined;
}

/** Intervals without a word after which a collector counts as gone. */
const MISSED = 3;
/** What is longer gone than this is forgotten. */
const FORGET_DAYS = 30;
const RECORD = `jsonb_to_recordset($2::jsonb) AS r(
  id text, kind text, transport text, interval_seconds int, labels jsonb, policy_set text, version text, capabilities bigint,
  wanted_hash text, reported_hash text, config_status text, config_error text, config_status_at timestamptz, health jsonb,
  drift jsonb, components jsonb, failed_hashes jsonb, history jsonb, last_seen timestamptz, offline_since timestamptz)`;
const COLUMNS = [
  ...['id', 'kind', 'transport', 'interval_seconds', 'labels', 'policy_set', 'version', 'capabilities', 'wanted_hash'],
  ...['reported_hash', 'config_status', 'config_error', 'config_status_at', 'health', 'drift', 'components'],
  ...['failed_hashes', 'history', 'last_seen', 'offline_since'],
];

export class PostgresCollectorStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Stores collectors, in one statement. */
  async put(tenant: string, entries: readonly CollectorEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const changed = COLUMNS.filter((column) => column !== 'id').map((column) => `${column} = EXCLUDED.${column}`);
    await this.dataSource.query(
      `INSERT INTO collector (tenant_id, ${COLUMNS.join(', ')})
       SELECT $1, ${COLUMNS.map((column) => `r.${column}`).join(', ')} FROM ${RECORD} ORDER BY r.id
       ON CONFLICT (tenant_id, id) DO UPDATE SET ${changed.join(', ')}`,
      [tenant, JSON.stringify(entries.map(recordOf))],
    );
  }

  /** Says that collectors were seen. Gives those that are not stored (any more). */
  async touch(tenant: string, seen: ReadonlyMap<string, Date>): Promise<string[]> {
    if (seen.size === 0) return [];
    const ids = [...seen.keys()].sort();
    const rows: [{ id: string }[], number] = await this.dataSource.query(
      `UPDATE collector c SET last_seen = greatest(c.last_seen, r.at), offline_since = NULL
       FROM unnest($2::text[], $3::timestamptz[]) AS r(id, at) WHERE c.tenant_id = $1 AND c.id = r.id RETURNING c.id`,
      [tenant, ids, ids.map((id) => seen.get(id)!.toISOString())],
    );
    const stored = new Set(rows[0].map(({ id }) => id));
    return ids.filter((id) => !stored.has(id));
  }

  /** What is known of collectors, by id. */
  async known(tenant: string, ids: readonly string[]): Promise<Map<string, CollectorRow>> {
    const query = this.rows.createQueryBuilder('c').where('c.tenantId = :tenant AND c.id = ANY(:ids)', { tenant, ids });
    return new Map((await query.getMany()).map((row) => [row.id, row]));
  }

  get(tenant: string, id: string): Promise<CollectorRow | null> {
    return this.rows.findOneBy({ tenantId: tenant, id });
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    const { affected } = await this.rows.delete({ tenantId: tenant, id });
    return (affected ?? 0) > 0;
  }

  /** A page by id. */
  list(tenant: string, filter: CollectorFilter, limit: number, after: string | null): Promise<CollectorRow[]> {
    const { labels, status, kind, online, drifted, healthy } = filter;
    const query = this.rows.createQueryBuilder('c').where('c.tenantId = :tenant', { tenant });
    if (Object.keys(labels).length > 0) query.andWhere('c.labels @> :labels', { labels: JSON.stringify(labels) });
    if (status !== undefined) query.andWhere('c.configStatus = :status', { status });
    if (kind !== undefined) query.andWhere('c.kind = :kind', { kind });
    if (online !== undefined) query.andWhere(`c.offlineSince IS ${online ? '' : 'NOT '}NULL`);
    if (drifted !== undefined) {
      query.andWhere(drifted ? "c.drift <> '[]'" : "(c.drift IS NULL OR c.drift = '[]')");
    }
    if (healthy !== undefined) query.andWhere("(c.health ->> 'healthy')::boolean = :healthy", { healthy });
    if (after !== null) query.andWhere('c.id > :after', { after });
    return query.orderBy('c.id').limit(limit).getMany();
  }

  /** How many that are there have which status. */
  async counts(): Promise<Map<ConfigStatus, number>> {
    const rows: { status: ConfigStatus; n: string }[] = await this.dataSource.query(
      'SELECT config_status AS status, count(*) AS n FROM collector WHERE offline_since IS NULL GROUP BY 1',
    );
    return new Map(rows.map(({ status, n }) => [status, Number(n)]));
  }

  /** Marks collectors that said nothing for three intervals as gone, and forgets those that have long been. */
  async sweep(): Promise<void> {
    await this.dataSource.query(
      `UPDATE collector SET offline_since = last_seen + make_interval(secs => ${MISSED} * interval_seconds)
       WHERE offline_since IS NULL AND last_seen + make_interval(secs => ${MISSED} * interval_seconds) < now()`,
    );
    await this.dataSource.query(
      `DELETE FROM collector WHERE offline_since < now() - make_interval(days => ${FORGET_DAYS})`,
    );
  }

  private get rows() {
    return this.dataSource.getRepository(CollectorRow);
  }
}

function recordOf({ id, kind, transport, intervalSeconds, facts, lastSeen, offlineSince }: CollectorEntry) {
  const { labels, policySet, version, capabilities, wantedHash, config, history, failed, health, drift, components } =
    facts;
  return {
    ...{ id, kind, transport, interval_seconds: intervalSeconds, labels, version, capabilities },
    policy_set: policySet,
    wanted_hash: wantedHash,
    reported_hash: config?.hash ?? '',
    config_status: config?.status ?? 'unset',
    config_error: config?.error ?? '',
    config_status_at: config === null ? null : new Date(config.at).toISOString(),
    ...{ health, drift, components, history },
    failed_hashes: failed,
    last_seen: lastSeen.toISOString(),
    offline_since: offlineSince?.toISOString() ?? null,
  };
}

/** What a row says is known. */
export function factsOf(row: CollectorRow): CollectorFacts {
  const {
    labels,
    policySet,
    version,
    capabilities,
    wantedHash,
    health,
    drift,
    components,
    history,
    failedHashes: failed,
  } = row;
  const { reportedHash: hash, configStatus: status, configError: error, configStatusAt } = row;
  const config = configStatusAt === null ? null : { hash, status, error, at: configStatusAt.getTime() };
  return {
    ...NOTHING_KNOWN,
    labels,
    policySet,
    version,
    capabilities,
    wantedHash,
    health,
    drift,
    components,
    history,
    failed,
    config,
  };
}
