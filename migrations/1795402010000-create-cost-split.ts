import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCostSplit1795402010000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE cost_split (
        tenant_id text NOT NULL,
        service text NOT NULL,
        valid_from timestamptz NOT NULL,
        split jsonb,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, service, valid_from)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE cost_split');
  }
}
