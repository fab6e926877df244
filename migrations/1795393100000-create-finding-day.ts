import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Occurrences by UTC day: what the last hours are compared with. */
export class CreateFindingDay1795393100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE finding_day (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        finding_id uuid NOT NULL,
        day date NOT NULL,
        occurrences bigint NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, finding_id, day)
      )`);
    await q.query(`
      INSERT INTO finding_day (tenant_id, dist_key, finding_id, day, occurrences)
      SELECT tenant_id, dist_key, finding_id, (hour AT TIME ZONE 'UTC')::date, sum(occurrences)
      FROM finding_hourly GROUP BY 1, 2, 3, 4`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE finding_day');
  }
}
