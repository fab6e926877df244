import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Collectors that asked for policies, and what they say of what they were given. */
export class CreateCollector1795406000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE collector (
        tenant_id text NOT NULL,
        id text NOT NULL,
        kind text NOT NULL,
        labels jsonb NOT NULL DEFAULT '{}',
        version text NOT NULL DEFAULT '',
        wanted_hash text NOT NULL DEFAULT '',
        reported_hash text NOT NULL DEFAULT '',
        config_status text NOT NULL DEFAULT 'unset',
        config_error text NOT NULL DEFAULT '',
        config_status_at timestamptz,
        first_seen timestamptz NOT NULL DEFAULT now(),
        last_seen timestamptz NOT NULL DEFAULT now(),
        offline_since timestamptz,
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE collector');
  }
}
