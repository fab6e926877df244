import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Every version of a policy is a row; at most one version of it is suggested and at most one is approved. */
export class CreatePolicy1795392600000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE policy (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        version integer NOT NULL,
        policy_set text NOT NULL,
        state text NOT NULL,
        body jsonb NOT NULL,
        content_hash text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        decided_at timestamptz,
        decided_by text,
        PRIMARY KEY (tenant_id, id, version)
      )`);
    await q.query('CREATE INDEX policy_created_at ON policy (tenant_id, created_at DESC, id DESC)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE policy');
  }
}
