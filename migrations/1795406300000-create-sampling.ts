import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Probabilities of sampling policies that follow the traffic: what is in force, how it came about, and what changed. */
export class CreateSampling1795406300000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE sampling_state (
        tenant_id text NOT NULL,
        policy_id uuid NOT NULL,
        version integer NOT NULL,
        rates jsonb,
        rates_at timestamptz,
        memory jsonb NOT NULL,
        snapshot jsonb NOT NULL,
        outcome text NOT NULL,
        reason text NOT NULL DEFAULT '',
        checked_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, policy_id)
      )`);
    await q.query(`
      CREATE TABLE sampling_change (
        tenant_id text NOT NULL,
        policy_id uuid NOT NULL,
        changed_at timestamptz NOT NULL,
        version integer NOT NULL,
        changes jsonb NOT NULL,
        reason text NOT NULL,
        PRIMARY KEY (tenant_id, policy_id, changed_at)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE sampling_change');
    await q.query('DROP TABLE sampling_state');
  }
}
