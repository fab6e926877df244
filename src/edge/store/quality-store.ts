import { randomBytes } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { Severity } from '../../engine/model/finding.js';
import {
  type QualityBody,
  type QualitySubject,
  readBody,
  type StoredBody,
  storeBody,
} from '../../engine/model/quality.js';
import type { PartRow } from '../../engine/quality/evidence.js';
import type { OwnRow } from '../../engine/quality/quality-book.js';
import type { QualitySink } from '../../flow/audit.js';
import type { AttributeOfService, Window } from '../../flow/ports.js';
import type { QualityFilter, QualityStore, RequestTotal, TracedRequests } from '../../flow/quality.js';
import type { ScoreStore } from '../../flow/scores.js';
import { distKey, stableId } from './ids.js';

const HOUR = 3_600_000;
/** Rows of one question; beyond it the oldest hours are left out. */
const MAX_ROWS = 200_000;

interface StoredRow {
  hour: Date;
  part: string;
  process_started: Date;
  service: string;
  environment: string;
  names: string[];
  body: StoredBody;
  last_received: Date;
}

/** Counts of traces in PostgreSQL: written as parts, one per process, and added up by who reads. */
export class PostgresQualityStore implements QualityStore, ScoreStore {
  constructor(private readonly dataSource: DataSource) {}

  /** @param startedAt since when spans come to this process */
  sink(startedAt: Date): QualitySink {
    const process = randomBytes(6).toString('hex');
    return { save: (tenant, rows) => this.save(tenant, rows, process, startedAt) };
  }

  async rows<S extends QualitySubject>(
    tenant: string,
    subject: S,
    window: Window,
    { service, environment }: QualityFilter,
  ): Promise<PartRow<QualityBody<S>>[]> {
    const rows: StoredRow[] = await this.dataSource.query(
      `SELECT hour, part, process_started, service, environment, names, body, last_received FROM quality_hourly
       WHERE tenant_id = $1 AND subject = $2 AND hour >= $3 AND hour < $4
         AND ($5::text IS NULL OR service = $5) AND ($6::text IS NULL OR environment = $6)
       ORDER BY hour DESC LIMIT ${MAX_ROWS}`,
      [tenant, subject, window.from, window.to, service ?? null, environment ?? null],
    );
    return rows.map((row) => ({
      subject,
      service: row.service,
      environment: row.environment,
      names: row.names,
      hour: Math.floor(row.hour.getTime() / HOUR),
      body: readBody(subject, row.body, (hex) => Buffer.from(hex, 'hex')),
      lastReceived: row.last_received.getTime(),
      process: row.part.split('-')[0]!,
      processStarted: row.process_started.getTime(),
    }));
  }

  /** Says how many requests there were, in the place of what was said before of the same hours. */
  async putRequestTotals(tenant: string, totals: readonly RequestTotal[], source: string): Promise<void> {
    const last = new Map(
      totals.map((total) => [`${total.service}\0${total.environment}\0${total.hour.getTime()}`, total]),
    );
    const rows = [...last].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
    await this.dataSource.query(
      `INSERT INTO request_total (tenant_id, dist_key, service, environment, hour, requests, source)
       SELECT $1, u.*, $7 FROM unnest($2::bigint[], $3::text[], $4::text[], $5::timestamptz[], $6::bigint[]) AS u
       ON CONFLICT (tenant_id, dist_key, service, environment, hour) DO UPDATE SET
         requests = EXCLUDED.requests, source = EXCLUDED.source`,
      [
        tenant,
        rows.map(({ service }) => distKey(tenant, service)),
        rows.map(({ service }) => service),
        rows.map(({ environment }) => environment),
        rows.map(({ hour }) => hour),
        rows.map(({ requests }) => requests),
        source,
      ],
    );
  }

  async requestTotals(tenant: string, window: Window): Promise<(RequestTotal & { source: string })[]> {
    const rows: { service: string; environment: string; hour: Date; requests: string; source: string }[] =
      await this.dataSource.query(
        `SELECT service, environment, hour, requests, source FROM request_total
         WHERE tenant_id = $1 AND hour >= $2 AND hour < $3 ORDER BY hour DESC, service, environment LIMIT ${MAX_ROWS}`,
        [tenant, window.from, window.to],
      );
    return rows.map((row) => ({ ...row, requests: Number(row.requests) }));
  }

  /** SERVER spans of the hours whose requests are known; a total without an environment is one of all of them. */
  async tracedRequests(tenant: string, window: Window): Promise<TracedRequests[]> {
    const rows: { service: string; environment: string; requests: string; traced: string }[] =
      await this.dataSource.query(
        `SELECT r.service, r.environment, sum(r.requests) AS requests, sum(coalesce(s.spans, 0)) AS traced
         FROM request_total r LEFT JOIN LATERAL (
           SELECT sum(n.spans) AS spans FROM span_name_hourly n
           WHERE n.tenant_id = r.tenant_id AND n.dist_key = r.dist_key AND n.hour = r.hour AND n.service = r.service
             AND n.span_kind = 2 AND (r.environment = '' OR n.environment = r.environment)
         ) s ON true
         WHERE r.tenant_id = $1 AND r.hour >= $2 AND r.hour < $3 GROUP BY r.service, r.environment`,
        [tenant, window.from, window.to],
      );
    return rows.map((row) => ({ ...row, requests: Number(row.requests), traced: Number(row.traced) }));
  }

  /** Services that had spans in at least 20 of the 24 hours before the last one, and none since. */
  async silentServices(tenant: string, now: Date): Promise<{ silent: Set<string>; all: Set<string> }> {
    const rows: { service: string; silent: boolean }[] = await this.dataSource.query(
      `SELECT service, count(DISTINCT hour) FILTER (WHERE hour < $2::timestamptz - interval '2 hours') >= 20
           AND max(hour) < $2::timestamptz - interval '2 hours' AS silent
       FROM usage_hourly WHERE tenant_id = $1 AND hour >= $2::timestamptz - interval '26 hours' AND hour <= $2
       GROUP BY service`,
      [tenant, now],
    );
    return {
      silent: new Set(rows.filter((row) => row.silent).map((row) => row.service)),
      all: new Set(rows.map((row) => row.service)),
    };
  }

  /** Attribute keys of each service and where they stand. */
  async attributeKeys(tenant: string, window: Window): Promise<AttributeOfService[]> {
    return this.dataSource.query(
      `SELECT DISTINCT service, location, key FROM attribute_hourly
       WHERE tenant_id = $1 AND hour >= $2 AND hour < $3 LIMIT ${MAX_ROWS}`,
      [tenant, window.from, window.to],
    );
  }

  /** Findings that are not resolved. */
  async openFindings(tenant: string): Promise<{ service: string; severity: Severity; count: number }[]> {
    const rows: { service: string; severity: Severity; count: string }[] = await this.dataSource.query(
      `SELECT service, severity, count(*) AS count FROM finding WHERE tenant_id = $1 AND state <> 'resolved'
       GROUP BY service, severity`,
      [tenant],
    );
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  private async save(tenant: string, rows: readonly OwnRow[], process: string, startedAt: Date): Promise<void> {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    await this.dataSource.query(
      `INSERT INTO quality_hourly (tenant_id, dist_key, hour, id, part, process_started, subject, service, environment,
         names, body, last_received)
       SELECT $1, dist_key, hour, id, part, $2, subject, service, environment, names::jsonb, body::jsonb, last_received
       FROM unnest($3::bigint[], $4::timestamptz[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::text[],
         $10::text[], $11::text[], $12::timestamptz[])
         AS u (dist_key, hour, id, part, subject, service, environment, names, body, last_received)
       ON CONFLICT (tenant_id, dist_key, hour, id, part) DO UPDATE SET
         body = EXCLUDED.body, last_received = EXCLUDED.last_received`,
      [
        tenant,
        startedAt,
        rows.map((row) => distKey(tenant, row.service)),
        rows.map((row) => new Date(row.hour * HOUR)),
        rows.map((row) => stableId(tenant, row.subject, row.service, row.environment, row.hour, ...row.names)),
        rows.map((row) => `${process}-${row.part}`),
        rows.map((row) => row.subject),
        rows.map((row) => row.service),
        rows.map((row) => row.environment),
        rows.map((row) => JSON.stringify(row.names)),
        rows.map((row) => JSON.stringify(storeBody(row.body, hex))),
        rows.map((row) => new Date(row.lastReceived)),
      ],
    );
  }
}
