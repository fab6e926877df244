import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which policy set a collector asked for or was offered. */
export class AddCollectorPolicySet1795406810000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query("ALTER TABLE collector ADD COLUMN policy_set text NOT NULL DEFAULT ''");
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE collector DROP COLUMN policy_set');
  }
}
