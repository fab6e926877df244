import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateReport1795392700000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE report (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        edition text NOT NULL,
        period_start timestamptz NOT NULL,
        period_end timestamptz NOT NULL,
        state text NOT NULL,
        content jsonb,
        content_hash text,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE INDEX report_created_at ON report (tenant_id, created_at DESC, id DESC)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE report');
  }
}
