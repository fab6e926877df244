import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a version of a policy was to save when it was approved, and what it is measured against: names and counts. */
export class CreatePolicyPromise1795406400000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE policy_promise (
        tenant_id text NOT NULL,
        policy_id uuid NOT NULL,
        version integer NOT NULL,
        promise jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, policy_id, version)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE policy_promise');
  }
}
