import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What teams may use in a month, and the thresholds of it that were reached. */
export class CreateBudget1795405000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE budget (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        team text NOT NULL,
        environment text NOT NULL DEFAULT '',
        unit text NOT NULL,
        amount double precision NOT NULL,
        price_model text NOT NULL DEFAULT '',
        actual_thresholds integer[] NOT NULL,
        forecast_thresholds integer[] NOT NULL,
        version integer NOT NULL DEFAULT 1,
        author text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE UNIQUE INDEX budget_once ON budget (tenant_id, team, environment, unit, price_model)');
    await q.query(`
      CREATE TABLE budget_alert (
        tenant_id text NOT NULL,
        budget_id uuid NOT NULL,
        month text NOT NULL,
        kind text NOT NULL,
        threshold integer NOT NULL,
        since timestamptz NOT NULL,
        raised_at timestamptz,
        value double precision NOT NULL,
        PRIMARY KEY (tenant_id, budget_id, month, kind, threshold)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE budget_alert');
    await q.query('DROP TABLE budget');
  }
}
