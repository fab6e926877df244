import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateUsage1795392200000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE service (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        id uuid NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        namespace text NOT NULL,
        team_hint text NOT NULL,
        first_seen timestamptz NOT NULL DEFAULT now(),
        last_seen timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, dist_key, id)
      )`);
    await q.query(`
      CREATE TABLE usage_hourly (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        hour timestamptz NOT NULL,
        id uuid NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        spans bigint NOT NULL,
        error_spans bigint NOT NULL,
        span_bytes bigint NOT NULL,
        shared_bytes bigint NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, hour, id)
      )`);
    await q.query('CREATE INDEX usage_hourly_hour ON usage_hourly (tenant_id, hour)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE usage_hourly');
    await q.query('DROP TABLE service');
  }
}
