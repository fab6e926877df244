import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The history of a finding. Rows are only ever added; each has the version of the finding that it made. */
export class CreateFindingEvent1795393000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE finding_event (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        finding_id uuid NOT NULL,
        version integer NOT NULL,
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        state text NOT NULL,
        resolution text,
        expires_at timestamptz,
        comment text NOT NULL DEFAULT '',
        PRIMARY KEY (tenant_id, dist_key, finding_id, version)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE finding_event');
  }
}
