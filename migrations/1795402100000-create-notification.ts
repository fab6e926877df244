import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who wants to hear of findings at once, what was told of which finding when, and the messages. Addresses and secrets are
 * sealed. A message is delivered by the outbox; the subscription of such a delivery is the rule.
 */
export class CreateNotification1795402100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE notification_rule (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        name text NOT NULL,
        channel text NOT NULL,
        events text[] NOT NULL,
        team text NOT NULL DEFAULT '',
        service text NOT NULL DEFAULT '',
        environment text NOT NULL DEFAULT '',
        min_severity text NOT NULL,
        page_from text,
        group_minutes integer NOT NULL,
        repeat_hours integer NOT NULL,
        quiet_until timestamptz,
        target bytea NOT NULL,
        disabled_reason text,
        last_page_at timestamptz,
        last_ticket_at timestamptz,
        author text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query(
      'CREATE INDEX notification_rule_created_at ON notification_rule (tenant_id, created_at DESC, id DESC)',
    );
    await q.query(`
      CREATE TABLE notification (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        rule_id uuid NOT NULL,
        content jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
    await q.query(`
      CREATE TABLE notification_told (
        tenant_id text NOT NULL,
        rule_id uuid NOT NULL,
        finding_id uuid NOT NULL,
        event text NOT NULL,
        at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, rule_id, finding_id, event)
      )`);
    await q.query('ALTER TABLE delivery ADD COLUMN notification_id uuid');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DELETE FROM delivery WHERE notification_id IS NOT NULL');
    await q.query('ALTER TABLE delivery DROP COLUMN notification_id');
    await q.query('DROP TABLE notification_told');
    await q.query('DROP TABLE notification');
    await q.query('DROP TABLE notification_rule');
  }
}
