import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who wrote a policy, how far it is rolled out and what proves it; sets of policies, and what was served together. */
export class AddPolicyLife1795406800000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      ALTER TABLE policy
        ADD COLUMN author text NOT NULL DEFAULT 'spanwarden',
        ADD COLUMN rollout jsonb,
        ADD COLUMN proof jsonb`);
    // What was approved is what all collectors have.
    await q.query(`
      UPDATE policy SET rollout = jsonb_build_object(
        'stages', '[{"name": "all", "labels": {}}]'::jsonb, 'stage', 0, 'status', 'running', 'isWithdrawn', false,
        'reason', '', 'stageSince', floor(extract(epoch FROM decided_at) * 1000),
        'evidenceFrom', floor(extract(epoch FROM decided_at) * 1000))
      WHERE decided_at IS NOT NULL`);
    await q.query(`
      CREATE TABLE policy_set (
        tenant_id text NOT NULL,
        name text NOT NULL,
        settings jsonb NOT NULL,
        version integer NOT NULL DEFAULT 1,
        author text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, name)
      )`);
    await q.query(`
      CREATE TABLE policy_revision (
        tenant_id text NOT NULL,
        revision text NOT NULL,
        policies text[] NOT NULL,
        first_served timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, revision)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE policy_revision');
    await q.query('DROP TABLE policy_set');
    await q.query("UPDATE policy SET state = 'approved' WHERE state = 'active'");
    await q.query("UPDATE policy SET state = 'suggested' WHERE state = 'draft'");
    await q.query("UPDATE policy SET state = 'superseded' WHERE state = 'rejected'");
    await q.query('ALTER TABLE policy DROP COLUMN author, DROP COLUMN rollout, DROP COLUMN proof');
  }
}
