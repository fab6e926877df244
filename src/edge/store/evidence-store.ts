import type { DataSource } from 'typeorm';
import type {
  CanaryEvidence,
  EvidenceStore,
  EvidenceWindow,
  MatchEvidence,
  SpanEvidence,
} from '../../flow/evidence-ports.js';
import { PostgresCanaryStore } from './canary-store.js';
import { canaryEvidence } from './canary-verdicts.js';
import { distKey } from './ids.js';

/** Counts of minutes become counts of hours after a day, and are gone after this many days. */
const KEPT_DAYS = 35;

interface OriginRow {
  readonly collector: string;
  readonly tap: SpanEvidence['tap'];
  readonly revision: string;
  readonly n: string;
  readonly first: Date;
  readonly last: Date;
}

export class PostgresEvidenceStore implements EvidenceStore {
  constructor(private readonly dataSource: DataSource) {}

  async matches(
    tenant: string,
    { findings, since, until }: EvidenceWindow & { readonly findings: readonly string[] },
  ): Promise<MatchEvidence[]> {
    const rows: (OriginRow & { finding: string })[] = await this.dataSource.query(
      `SELECT finding_id AS finding, collector, tap, revision, sum(matches) AS n, min(first_at) AS first,
         max(last_at) AS last
       FROM match_evidence
       WHERE tenant_id = $1 AND finding_id = ANY($2::uuid[]) AND start > $3::timestamptz - interval '1 hour'
         AND start < $4 AND last_at >= $3 AND first_at < $4
       GROUP BY finding_id, collector, tap, revision
       ORDER BY finding_id, collector COLLATE "C", tap, revision COLLATE "C"`,
      [tenant, findings, since, until],
    );
    return rows.map(({ finding, n, ...origin }) => ({ finding, matches: Number(n), ...origin }));
  }

  async spans(
    tenant: string,
    { services, since, until }: EvidenceWindow & { readonly services: readonly string[] },
  ): Promise<SpanEvidence[]> {
    const keys = services.map((service) => distKey(tenant, service));
    const rows: (OriginRow & { service: string })[] = await this.dataSource.query(
      `SELECT service, collector, tap, revision, sum(spans) AS n, min(first_at) AS first, max(last_at) AS last
       FROM span_evidence
       WHERE tenant_id = $1 AND dist_key = ANY($2::bigint[]) AND service = ANY($3::text[]) AND start >= $4 AND start < $5
       GROUP BY service, collector, tap, revision
       ORDER BY service COLLATE "C", collector COLLATE "C", tap, revision COLLATE "C"`,
      [tenant, keys, services, since, until],
    );
    return rows.map(({ service, n, ...origin }) => ({ service, spans: Number(n), ...origin }));
  }

  async canaries(tenant: string, { since }: { readonly since: Date }): Promise<CanaryEvidence[]> {
    return canaryEvidence(await new PostgresCanaryStore(this.dataSource).since(tenant, since), new Date());
  }

  /** Makes counts of minutes counts of hours, and lets go of what is too old. */
  async sweep(): Promise<void> {
    await this.fold('span_evidence', 'service', 'spans');
    await this.fold('match_evidence', 'finding_id', 'matches');
    const old = `now() - interval '${KEPT_DAYS} days'`;
    await this.dataSource.query(`DELETE FROM span_evidence WHERE start < ${old}`);
    await this.dataSource.query(`DELETE FROM match_evidence WHERE start < ${old}`);
    await this.dataSource.query(`DELETE FROM canary_sighting WHERE received_at < ${old}`);
    await this.dataSource.query(`DELETE FROM canary WHERE created_at < ${old}`);
  }

  /** Rows of an hour and its minutes have other keys, so that those that are taken out and put in are never the same. */
  private async fold(table: string, subject: string, counted: string): Promise<void> {
    await this.dataSource.query(
      `WITH old AS (
         DELETE FROM ${table} WHERE start < now() - interval '1 day' AND start <> date_trunc('hour', start, 'UTC')
         RETURNING *)
       INSERT INTO ${table} AS t (tenant_id, dist_key, ${subject}, start, collector, tap, revision, ${counted}, first_at,
         last_at)
       SELECT tenant_id, dist_key, ${subject}, date_trunc('hour', start, 'UTC'), collector, tap, revision,
         sum(${counted}), min(first_at), max(last_at)
       FROM old GROUP BY 1, 2, 3, 4, 5, 6, 7
       ON CONFLICT (tenant_id, dist_key, ${subject}, start, collector, tap, revision) DO UPDATE SET
         ${counted} = t.${counted} + EXCLUDED.${counted},
         first_at = LEAST(t.first_at, EXCLUDED.first_at),
         last_at = GREATEST(t.last_at, EXCLUDED.last_at)`,
    );
  }
}
