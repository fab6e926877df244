import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Whether policies work, as seen in the telemetry: spans and matches by collector, tap and revision of the policies that
 * they passed, and canaries that were sent through collectors.
 */
export class CreateEvidence1795406700000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE span_evidence (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        service text NOT NULL,
        start timestamptz NOT NULL,
        collector text NOT NULL,
        tap text NOT NULL,
        revision text NOT NULL,
        spans bigint NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, service, start, collector, tap, revision)
      )`);
    await q.query('CREATE INDEX span_evidence_start ON span_evidence (start)');
    await q.query(`
      CREATE TABLE match_evidence (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        finding_id uuid NOT NULL,
        start timestamptz NOT NULL,
        collector text NOT NULL,
        tap text NOT NULL,
        revision text NOT NULL,
        matches bigint NOT NULL,
        first_at timestamptz NOT NULL,
        last_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, finding_id, start, collector, tap, revision)
      )`);
    await q.query('CREATE INDEX match_evidence_start ON match_evidence (start)');
    await q.query('CREATE INDEX match_evidence_finding ON match_evidence (tenant_id, finding_id, start)');
    await q.query(`
      CREATE TABLE canary (
        tenant_id text NOT NULL,
        run_id uuid NOT NULL,
        item integer NOT NULL,
        policy_id uuid NOT NULL,
        policy_version integer NOT NULL,
        service text NOT NULL,
        author text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, run_id, item)
      )`);
    await q.query('CREATE INDEX canary_created_at ON canary (tenant_id, created_at)');
    await q.query(`
      CREATE TABLE canary_sighting (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        run_id uuid NOT NULL,
        item integer NOT NULL,
        collector text NOT NULL,
        tap text NOT NULL,
        revision text NOT NULL,
        is_leaking boolean NOT NULL,
        received_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, run_id, item, collector, tap)
      )`);
    await q.query('CREATE INDEX canary_sighting_run ON canary_sighting (tenant_id, run_id)');
    await q.query('ALTER TABLE finding ADD COLUMN last_past_policies timestamptz');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE finding DROP COLUMN last_past_policies');
    await q.query('DROP TABLE canary_sighting');
    await q.query('DROP TABLE canary');
    await q.query('DROP TABLE match_evidence');
    await q.query('DROP TABLE span_evidence');
  }
}
