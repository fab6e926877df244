import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is known of each attribute's growth, as it was judged last; and how many values people allow. */
export class CreateAttributeGrowth1795400010000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE attribute_growth (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        id uuid NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        location text NOT NULL,
        key text NOT NULL,
        class text NOT NULL,
        judged_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, dist_key, id)
      )`);
    await q.query(`
      CREATE TABLE attribute_budget (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        team text,
        service text,
        key text,
        max_distinct bigint NOT NULL,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE attribute_budget');
    await q.query('DROP TABLE attribute_growth');
  }
}
