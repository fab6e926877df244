import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people say of usage: sampling ratios, exact counters, prices of their own. Service '' is every service. */
export class CreateUsageSettings1795401100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE sampling_ratio (
        tenant_id text NOT NULL,
        service text NOT NULL,
        probability double precision NOT NULL,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, service)
      )`);
    await q.query(`
      CREATE TABLE usage_counter (
        tenant_id text NOT NULL,
        service text NOT NULL,
        period_start timestamptz NOT NULL,
        period_end timestamptz NOT NULL,
        spans double precision,
        bytes double precision,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, service, period_start, period_end)
      )`);
    await q.query(`
      CREATE TABLE price_override (
        tenant_id text NOT NULL,
        id text NOT NULL,
        document jsonb NOT NULL,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    for (const table of ['price_override', 'usage_counter', 'sampling_ratio']) await q.query(`DROP TABLE ${table}`);
  }
}
