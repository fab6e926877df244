import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Simulations of policies on live spans, and what each process counted for them. */
export class CreateSimulation1795406200000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE simulation (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        policy_id uuid NOT NULL,
        version integer NOT NULL,
        body jsonb NOT NULL,
        content_hash text NOT NULL,
        state text NOT NULL DEFAULT 'running',
        ended_by text,
        max_spans integer NOT NULL,
        halvings integer NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL DEFAULT now(),
        ends_at timestamptz NOT NULL,
        author text NOT NULL,
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE INDEX simulation_of_policy ON simulation (tenant_id, policy_id, started_at)');
    await q.query(`
      CREATE UNIQUE INDEX simulation_running ON simulation (tenant_id, policy_id) WHERE state = 'running'`);
    await q.query(`
      CREATE TABLE simulation_part (
        tenant_id text NOT NULL,
        simulation_id uuid NOT NULL,
        part uuid NOT NULL,
        used integer NOT NULL DEFAULT 0,
        held integer NOT NULL DEFAULT 0,
        requests bigint NOT NULL DEFAULT 0,
        skipped bigint NOT NULL DEFAULT 0,
        counts jsonb,
        is_finished boolean NOT NULL DEFAULT false,
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, simulation_id, part)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE simulation_part');
    await q.query('DROP TABLE simulation');
  }
}
