import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One row per request and service: the proof that its counts are in the totals. `batch_day` follows from the spans
 * alone, so the same request has the same key whenever it is sent again.
 */
export class CreateLedger1795392100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE ledger (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        batch_day date NOT NULL,
        batch_id bytea NOT NULL,
        committed_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, dist_key, batch_day, batch_id)
      )`);
    await q.query('CREATE INDEX ledger_committed_at ON ledger USING brin (committed_at)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE ledger');
  }
}
