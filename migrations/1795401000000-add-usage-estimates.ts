import type { MigrationInterface, QueryRunner } from 'typeorm';

const COLUMNS = `
  weighed_spans bigint NOT NULL DEFAULT 0,
  weighed_bytes bigint NOT NULL DEFAULT 0,
  estimated_spans double precision NOT NULL DEFAULT 0,
  estimated_bytes double precision NOT NULL DEFAULT 0,
  known_sums real[] NOT NULL DEFAULT '{}',
  unknown_sums real[] NOT NULL DEFAULT '{}'`;

/**
 * What spans stand for, with the sums that the error follows from: spans, then bytes, one element a bucket; empty where
 * there are no such spans. The same by UTC day, so that a month is summed up quickly.
 */
export class AddUsageEstimates1795401000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`ALTER TABLE usage_hourly ${COLUMNS.replaceAll('\n  ', '\n  ADD COLUMN ')}`);
    await q.query(`
      CREATE TABLE usage_daily (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        day date NOT NULL,
        id uuid NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        spans bigint NOT NULL,
        span_bytes bigint NOT NULL,
        shared_bytes bigint NOT NULL,${COLUMNS},
        PRIMARY KEY (tenant_id, dist_key, day, id)
      )`);
    await q.query('CREATE INDEX usage_daily_day ON usage_daily (tenant_id, day)');
    await q.query(`
      INSERT INTO usage_daily (tenant_id, dist_key, day, id, service, environment, spans, span_bytes, shared_bytes)
      SELECT u.tenant_id, u.dist_key, (u.hour AT TIME ZONE 'UTC')::date, s.id, u.service, u.environment,
        sum(u.spans), sum(u.span_bytes), sum(u.shared_bytes)
      FROM usage_hourly u JOIN service s USING (tenant_id, dist_key, service, environment) GROUP BY 1, 2, 3, 4, 5, 6`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE usage_daily');
    for (const column of COLUMNS.matchAll(/^ {2}(\w+)/gm)) {
      await q.query(`ALTER TABLE usage_hourly DROP COLUMN ${column[1]}`);
    }
  }
}
