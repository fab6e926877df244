import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Matches that somebody said are no findings; null means any. Rows stay when an exclusion is removed. */
export class CreateExclusion1795394100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE exclusion (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        detector text,
        service text,
        key text,
        fingerprint text,
        reason text NOT NULL,
        author text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        removed_at timestamptz,
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE INDEX exclusion_created_at ON exclusion (tenant_id, created_at DESC, id DESC)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE exclusion');
  }
}
