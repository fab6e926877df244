import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Forms of values beside the counts of attributes; and attributes by UTC day, which the rows of past hours move to. */
export class CreateAttributeDaily1795400000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`ALTER TABLE attribute_hourly ADD COLUMN shapes text[] NOT NULL DEFAULT '{}'`);
    await q.query(`
      CREATE TABLE attribute_daily (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        day timestamptz NOT NULL,
        id uuid NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        location text NOT NULL,
        key text NOT NULL,
        observations bigint NOT NULL,
        bytes bigint NOT NULL,
        types integer NOT NULL,
        shapes text[] NOT NULL DEFAULT '{}',
        distinct_values bytea NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, day, id)
      )`);
    await q.query('ALTER TABLE attribute_daily ALTER COLUMN distinct_values SET STORAGE EXTERNAL');
    await q.query('CREATE INDEX attribute_daily_day ON attribute_daily (tenant_id, day)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE attribute_daily');
    await q.query('ALTER TABLE attribute_hourly DROP COLUMN shapes');
  }
}
