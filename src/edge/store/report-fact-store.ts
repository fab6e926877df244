import type { DataSource } from 'typeorm';
import type { Severity } from '../../engine/model/finding.js';
import { Sketch } from '../../engine/model/sketch.js';
import type {
  AttributeOfService,
  BucketCount,
  EndingWaiver,
  FindingInWindow,
  ReportFactStore,
  RuleChanges,
  ServiceFindingCounts,
  SuggestedPolicy,
  Window,
} from '../../flow/ports.js';
import { ATTRIBUTE_ROWS, addPart } from './attribute-rows.js';

/** Findings of a service that a report can list. */
const TOP_OF_SERVICE = 50;
const MAX_FINDINGS = 20_000;

/**
 * Findings as they stood at the end of a window ($2, $3): by the history and not by what they are now, so that a window
 * in the past gives the same answer whenever it is asked.
 */
const THEN = `
  SELECT f.*, f.first_seen >= $2 AS is_fresh, coalesce(l.state, 'open') <> 'resolved' AS is_open,
    coalesce(c.fixed, false) AND coalesce(l.state, 'open') = 'resolved' AS is_fixed,
    coalesce(c.reopened, false) AND coalesce(l.state, 'open') <> 'resolved' AS is_reopened
  FROM finding f
  LEFT JOIN LATERAL (
    SELECT e.state FROM finding_event e
    WHERE e.tenant_id = f.tenant_id AND e.dist_key = f.dist_key AND e.finding_id = f.id AND e.at < $3
    ORDER BY e.version DESC LIMIT 1
  ) l ON true
  LEFT JOIN LATERAL (
    SELECT bool_or(e.action = 'resolved') AS fixed, bool_or(e.action IN ('reopened', 'regressed', 'expired')) AS reopened
    FROM finding_event e
    WHERE e.tenant_id = f.tenant_id AND e.dist_key = f.dist_key AND e.finding_id = f.id AND e.at >= $2 AND e.at < $3
  ) c ON true
  WHERE f.tenant_id = $1 AND f.first_seen < $3`;
const LISTED = '((is_open AND last_seen >= $2) OR is_fixed)';

interface WaiverSums {
  what: string;
  team: string | null;
  service: string | null;
  key: string | null;
  reason: string;
  expires: Date;
}

export class PostgresReportFactStore implements ReportFactStore {
  constructor(private readonly dataSource: DataSource) {}

  async extent(tenant: string): Promise<Window | null> {
    const [row]: { from: Date | null; to: Date | null }[] = await this.dataSource.query(
      'SELECT min(hour) AS "from", max(hour) AS "to" FROM usage_hourly WHERE tenant_id = $1',
      [tenant],
    );
    return row?.from && row.to ? { from: row.from, to: row.to } : null;
  }

  async findingCounts(tenant: string, { from, to }: Window): Promise<ServiceFindingCounts[]> {
    return await this.dataSource.query(
      `SELECT service, kind, severity, count(*) FILTER (WHERE is_open)::integer AS open,
         count(*) FILTER (WHERE is_fresh)::integer AS fresh, count(*) FILTER (WHERE is_fixed)::integer AS fixed,
         count(*) FILTER (WHERE is_reopened)::integer AS reopened, count(*) FILTER (WHERE ${LISTED})::integer AS listed
       FROM (${THEN}) f GROUP BY service, kind, severity ORDER BY service, kind, severity`,
      [tenant, from, to],
    );
  }

  async findings(tenant: string, { from, to }: Window): Promise<FindingInWindow[]> {
    return await this.dataSource.query(
      `SELECT r.id, r.kind, r.detector, r.severity, r.service, r.location, r.key, r.mask, r.first_seen AS "firstSeen",
         r.last_seen AS "lastSeen",
         CASE WHEN is_fixed THEN 'fixed' WHEN is_reopened THEN 'reopened' WHEN is_fresh THEN 'new' ELSE '' END AS change,
         (SELECT coalesce(sum(h.occurrences), 0)::float8 FROM finding_hourly h WHERE h.tenant_id = r.tenant_id
            AND h.dist_key = r.dist_key AND h.finding_id = r.id AND h.hour >= $2 AND h.hour < $3) AS occurrences
       FROM (
         SELECT f.*, row_number() OVER (PARTITION BY service ORDER BY is_fixed,
           array_position('{critical,high,medium,low,info}'::text[], severity), is_fresh DESC, occurrences DESC, id) AS place
         FROM (${THEN}) f WHERE ${LISTED}
       ) r WHERE place <= ${TOP_OF_SERVICE} ORDER BY place, id LIMIT ${MAX_FINDINGS}`,
      [tenant, from, to],
    );
  }

  async buckets(tenant: string, { from, to }: Window, starts: readonly Date[]): Promise<BucketCount[]> {
    return await this.dataSource.query(
      `SELECT bucket - 1 AS bucket, service, sum(spans)::float8 AS spans, sum(bytes)::float8 AS bytes,
         sum(fresh)::integer AS "newFindings"
       FROM (
         SELECT width_bucket(hour, $4::timestamptz[]) AS bucket, service, spans, span_bytes + shared_bytes AS bytes, 0 AS fresh
         FROM usage_hourly WHERE tenant_id = $1 AND hour >= $2 AND hour < $3
         UNION ALL
         SELECT width_bucket(first_seen, $4::timestamptz[]), service, 0, 0, 1
         FROM finding WHERE tenant_id = $1 AND first_seen >= $2 AND first_seen < $3
       ) u WHERE bucket > 0 GROUP BY bucket, service ORDER BY bucket, service`,
      [tenant, from, to, starts],
    );
  }

  async distinct(tenant: string, { from, to }: Window, places: readonly AttributeOfService[]): Promise<Sketch[]> {
    const rows: { place: string; sketch: Buffer }[] = await this.dataSource.query(
      `SELECT p.place, distinct_values AS sketch FROM ${ATTRIBUTE_ROWS} AS r
       JOIN unnest($4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS p (service, location, key, place)
         USING (service, location, key)`,
      [tenant, from, to, places.map((p) => p.service), places.map((p) => p.location), places.map((p) => p.key)],
    );
    const sketches = places.map(() => new Sketch());
    for (const { place, sketch } of rows) addPart(sketches[Number(place) - 1]!, sketch);
    return sketches;
  }

  async suggested(tenant: string, limit: number): Promise<SuggestedPolicy[]> {
    const rows: Omit<SuggestedPolicy, 'answers'>[] = await this.dataSource.query(
      `SELECT id, version, body AS policy FROM policy WHERE tenant_id = $1 AND state = 'suggested' ORDER BY id LIMIT $2`,
      [tenant, limit],
    );
    const ids = rows.flatMap(({ policy }) => policy.findings);
    const found: { id: string; service: string; severity: Severity; occurrences: string }[] =
      await this.dataSource.query(
        'SELECT id, service, severity, occurrences FROM finding WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
        [tenant, ids],
      );
    const byId = new Map(
      found.map(({ id, occurrences, ...rest }) => [id, { ...rest, occurrences: Number(occurrences) }]),
    );
    return rows.map((row) => ({
      ...row,
      answers: row.policy.findings.map((id) => byId.get(id)).filter((answer) => answer !== undefined),
    }));
  }

  async ruleChanges(tenant: string, { from, to }: Window): Promise<RuleChanges> {
    const rules: { rule: string }[] = await this.dataSource.query(
      'SELECT rule FROM rule_version WHERE tenant_id = $1 AND since >= $2 AND since < $3 ORDER BY rule',
      [tenant, from, to],
    );
    if (rules.length === 0) return { rules: [], fresh: [] };
    const fresh: RuleChanges['fresh'] = await this.dataSource.query(
      `SELECT f.service, count(*)::integer AS count
       FROM finding f JOIN rule_version r ON r.tenant_id = f.tenant_id AND r.rule = f.detector
       WHERE f.tenant_id = $1 AND f.recorded_at >= r.since AND f.first_seen >= $2 AND f.first_seen < $3
         AND r.since >= $2 AND r.since < $3
       GROUP BY f.service ORDER BY f.service`,
      [tenant, from, to],
    );
    return { rules: rules.map(({ rule }) => rule), fresh };
  }

  async endingWaivers(tenant: string, { from, to }: Window): Promise<EndingWaiver[]> {
    const rows: WaiverSums[] = await this.dataSource.query(
      `SELECT coalesce(detector, 'all findings') AS what, team, service, key, reason, expires_at AS expires FROM exclusion
         WHERE tenant_id = $1 AND removed_at IS NULL AND expires_at >= $2 AND expires_at < $3
       UNION ALL
       SELECT detector, NULL, service, key, 'will not be fixed', expires_at FROM finding
         WHERE tenant_id = $1 AND state = 'resolved' AND expires_at >= $2 AND expires_at < $3
       ORDER BY expires, what LIMIT 500`,
      [tenant, from, to],
    );
    return rows;
  }
}
