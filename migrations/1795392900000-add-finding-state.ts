import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A finding becomes an incident: what people decide on it, and what opens it again. `severity` is from now on the one
 * that is shown; findings of before get that of their environment with their next match.
 */
export class AddFindingState1795392900000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      ALTER TABLE finding
        ADD COLUMN detector_severity text,
        ADD COLUMN version integer NOT NULL DEFAULT 1,
        ADD COLUMN triaged_at timestamptz,
        ADD COLUMN resolution text,
        ADD COLUMN resolved_at timestamptz,
        ADD COLUMN expires_at timestamptz,
        ADD COLUMN reopen_after timestamptz,
        ADD COLUMN regressed_at timestamptz`);
    await q.query('UPDATE finding SET detector_severity = severity');
    await q.query('ALTER TABLE finding ALTER COLUMN detector_severity SET NOT NULL');
    await q.query('CREATE INDEX finding_id ON finding (tenant_id, id)');
    await q.query(`CREATE INDEX finding_expires_at ON finding (expires_at) WHERE state = 'resolved'`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP INDEX finding_expires_at');
    await q.query('DROP INDEX finding_id');
    await q.query(`
      ALTER TABLE finding
        DROP COLUMN detector_severity,
        DROP COLUMN version,
        DROP COLUMN triaged_at,
        DROP COLUMN resolution,
        DROP COLUMN resolved_at,
        DROP COLUMN expires_at,
        DROP COLUMN reopen_after,
        DROP COLUMN regressed_at`);
  }
}
