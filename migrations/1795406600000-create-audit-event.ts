import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit log: a chain of events by tenant, each with the hash of the one before it. Rows are added and never change;
 * neither does the owner of the table have the right to change them, nor does a trigger let it happen. Changes that are
 * under way wait in a table of their own until their outcome is known.
 */
export class CreateAuditEvent1795406600000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE audit_event (
        tenant_id text NOT NULL,
        seq bigint NOT NULL,
        at timestamptz NOT NULL,
        actor text NOT NULL,
        action text NOT NULL,
        object text NOT NULL,
        outcome text NOT NULL,
        details jsonb NOT NULL,
        prev_hash bytea NOT NULL,
        hash bytea NOT NULL,
        PRIMARY KEY (tenant_id, seq)
      )`);
    await q.query('CREATE INDEX audit_event_actor ON audit_event (tenant_id, actor, seq)');
    await q.query('CREATE INDEX audit_event_action ON audit_event (tenant_id, action, seq)');
    await q.query('CREATE INDEX audit_event_object ON audit_event (tenant_id, object text_pattern_ops, seq)');
    await q.query('CREATE INDEX audit_event_at ON audit_event (tenant_id, at)');
    await q.query(`
      CREATE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'audit_event: % is refused; events are only added', TG_OP USING ERRCODE = 'insufficient_privilege';
      END $$`);
    await q.query(`
      CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
      FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()`);
    await q.query('REVOKE UPDATE, DELETE, TRUNCATE ON audit_event FROM PUBLIC, CURRENT_USER');
    await q.query(`
      CREATE TABLE audit_pending (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        entry jsonb NOT NULL,
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE audit_pending');
    await q.query('DROP TABLE audit_event');
    await q.query('DROP FUNCTION audit_event_is_append_only');
  }
}
