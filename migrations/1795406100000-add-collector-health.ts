import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What collectors say of themselves by OpAMP, and what became of the configurations that they were offered. */
export class AddCollectorHealth1795406100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      ALTER TABLE collector
        ADD COLUMN transport text NOT NULL DEFAULT '',
        ADD COLUMN capabilities bigint NOT NULL DEFAULT 0,
        ADD COLUMN health jsonb,
        ADD COLUMN drift jsonb,
        ADD COLUMN components jsonb,
        ADD COLUMN failed_hashes jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN history jsonb NOT NULL DEFAULT '[]',
        ADD COLUMN interval_seconds integer NOT NULL DEFAULT 30`);
    await q.query('CREATE INDEX collector_last_seen ON collector (tenant_id, last_seen) WHERE offline_since IS NULL');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP INDEX collector_last_seen');
    await q.query(`
      ALTER TABLE collector
        DROP COLUMN transport, DROP COLUMN capabilities, DROP COLUMN health, DROP COLUMN drift, DROP COLUMN components,
        DROP COLUMN failed_hashes, DROP COLUMN history, DROP COLUMN interval_seconds`);
  }
}
