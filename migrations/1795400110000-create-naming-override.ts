import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Levels that naming rules have for a team; team '' is every team without a level of its own. */
export class CreateNamingOverride1795400110000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE naming_override (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        team text NOT NULL,
        rule text NOT NULL,
        level text NOT NULL,
        reason text NOT NULL,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE naming_override');
  }
}
