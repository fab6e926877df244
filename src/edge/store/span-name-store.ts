import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';
import type { SpanNameRow } from '../../engine/model/rollup.js';
import { Sketch } from '../../engine/model/sketch.js';
import type { SpanNameCount, SpanNameFilter, SpanNameStore, Window } from '../../flow/ports.js';

interface StoredCount {
  service: string;
  environment: string;
  span_kind: number;
  template: string;
  spans: string;
  first_hour: Date;
  last_hour: Date;
}

interface StoredHour {
  service: string;
  environment: string;
  span_kind: number;
  template: string;
  hour: Date;
  spans: string;
  error_spans: string;
  bytes: string;
  distinct_names: Buffer;
  shapes: string[];
}

const HOUR = 3_600_000;
/** Rows that are read at a time: sketches have 4 KiB at most. */
const ROWS = 1000;
const WHERE = `tenant_id = $1 AND hour >= $2 AND hour < $3
  AND ($4::text[] IS NULL OR service = ANY($4)) AND ($5::text IS NULL OR environment = $5)`;

/** Span names by hour in PostgreSQL. An hour belongs to a window when its beginning does. */
export class PostgresSpanNameStore implements SpanNameStore {
  constructor(private readonly dataSource: DataSource) {}

  async counts(tenant: string, window: Window, filter: SpanNameFilter, limit: number): Promise<SpanNameCount[]> {
    const rows: StoredCount[] = await this.dataSource.query(
      `SELECT service, environment, span_kind, template, sum(spans) AS spans, min(hour) AS first_hour,
         max(hour) AS last_hour
       FROM span_name_hourly WHERE ${WHERE}
       GROUP BY service, environment, span_kind, template
       ORDER BY sum(spans) DESC, service COLLATE "C", environment COLLATE "C", span_kind, template COLLATE "C"
       LIMIT $6`,
      [...parameters(tenant, window, filter), limit],
    );
    return rows.map((row) => ({
      service: row.service,
      environment: row.environment,
      spanKind: row.span_kind,
      template: row.template,
      spans: Number(row.spans),
      firstHour: row.first_hour.getTime() / HOUR,
      lastHour: row.last_hour.getTime() / HOUR,
    }));
  }

  async *hours(tenant: string, window: Window, filter: SpanNameFilter): AsyncGenerator<SpanNameRow[]> {
    const runner = this.dataSource.createQueryRunner();
    const client = (await runner.connect()) as PoolClient;
    try {
      await client.query('BEGIN READ ONLY');
      await client.query(
        `DECLARE hours NO SCROLL CURSOR FOR SELECT service, environment, span_kind, template, hour, spans,
           error_spans, bytes, distinct_names, shapes FROM span_name_hourly WHERE ${WHERE}`,
        parameters(tenant, window, filter),
      );
      for (;;) {
        const { rows } = await client.query<StoredHour>(`FETCH ${ROWS} FROM hours`);
        if (rows.length > 0) yield rows.map(rowOf);
        if (rows.length < ROWS) return;
      }
    } finally {
      await client.query('ROLLBACK').catch(() => {});
      await runner.release();
    }
  }
}

function parameters(tenant: string, { from, to }: Window, { services, environment }: SpanNameFilter): unknown[] {
  return [tenant, from, to, services ?? null, environment ?? null];
}

function rowOf(row: StoredHour): SpanNameRow {
  return {
    service: row.service,
    environment: row.environment,
    spanKind: row.span_kind,
    template: row.template,
    hour: row.hour.getTime() / HOUR,
    spans: Number(row.spans),
    errorSpans: Number(row.error_spans),
    bytes: Number(row.bytes),
    names: Sketch.fromBytes(row.distinct_names),
    shapes: row.shapes,
  };
}
