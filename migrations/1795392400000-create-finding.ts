import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateFinding1795392400000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE finding (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        detector text NOT NULL,
        family text NOT NULL,
        severity text NOT NULL,
        confidence text NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        location text NOT NULL,
        key text NOT NULL,
        component text NOT NULL,
        mask text NOT NULL,
        occurrences bigint NOT NULL,
        first_seen timestamptz NOT NULL,
        last_seen timestamptz NOT NULL,
        fingerprints text[] NOT NULL,
        trace_id text NOT NULL,
        span_id text NOT NULL,
        state text NOT NULL DEFAULT 'open',
        recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, dist_key, id)
      )`);
    await q.query('CREATE INDEX finding_last_seen ON finding (tenant_id, last_seen DESC, id DESC)');
    await q.query(`
      CREATE TABLE finding_hourly (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        finding_id uuid NOT NULL,
        hour timestamptz NOT NULL,
        occurrences bigint NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, finding_id, hour)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE finding_hourly');
    await q.query('DROP TABLE finding');
  }
}
