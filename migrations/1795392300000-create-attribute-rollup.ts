import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Attributes and span names by hour. A row belongs to the process that counts in it (`part`), which therefore need not
 * read sketches back: a reader adds the parts up. Sketches do not compress, so they are stored as they are.
 */
export class CreateAttributeRollup1795392300000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE attribute_hourly (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        hour timestamptz NOT NULL,
        id uuid NOT NULL,
        part text NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        location text NOT NULL,
        key text NOT NULL,
        observations bigint NOT NULL,
        bytes bigint NOT NULL,
        types integer NOT NULL,
        distinct_values bytea NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, hour, id, part)
      )`);
    await q.query('ALTER TABLE attribute_hourly ALTER COLUMN distinct_values SET STORAGE EXTERNAL');
    await q.query('CREATE INDEX attribute_hourly_hour ON attribute_hourly (tenant_id, hour)');
    await q.query(`
      CREATE TABLE span_name_hourly (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        hour timestamptz NOT NULL,
        id uuid NOT NULL,
        part text NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        template text NOT NULL,
        span_kind integer NOT NULL,
        spans bigint NOT NULL,
        error_spans bigint NOT NULL,
        bytes bigint NOT NULL,
        distinct_names bytea NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, hour, id, part)
      )`);
    await q.query('ALTER TABLE span_name_hourly ALTER COLUMN distinct_names SET STORAGE EXTERNAL');
    await q.query('CREATE INDEX span_name_hourly_hour ON span_name_hourly (tenant_id, hour)');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE span_name_hourly');
    await q.query('DROP TABLE attribute_hourly');
  }
}
