import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who gets which reports, and what became of each delivery. Addresses and secrets are sealed. There is one delivery of a
 * report to a subscription; those of tests have no report.
 */
export class CreateSubscription1795401210000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE subscription (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        name text NOT NULL,
        channel text NOT NULL,
        audience text NOT NULL,
        team text NOT NULL DEFAULT '',
        editions text[] NOT NULL,
        time_zone text NOT NULL,
        target bytea NOT NULL,
        disabled_reason text,
        author text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE INDEX subscription_created_at ON subscription (tenant_id, created_at DESC, id DESC)');
    await q.query(`
      CREATE TABLE delivery (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        subscription_id uuid NOT NULL,
        report_id uuid,
        state text NOT NULL DEFAULT 'pending',
        attempts integer NOT NULL DEFAULT 0,
        parts_sent integer NOT NULL DEFAULT 0,
        error text,
        created_at timestamptz NOT NULL DEFAULT now(),
        attempted_at timestamptz,
        sent_at timestamptz,
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query('CREATE UNIQUE INDEX delivery_once ON delivery (tenant_id, report_id, subscription_id)');
    await q.query(
      'CREATE INDEX delivery_of_subscription ON delivery (tenant_id, subscription_id, created_at DESC, id DESC)',
    );
    await q.query(`CREATE INDEX delivery_pending ON delivery (tenant_id, id) WHERE state = 'pending'`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE delivery');
    await q.query('DROP TABLE subscription');
  }
}
