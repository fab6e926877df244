import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What traces were counted to, by hour. A process writes rows of its own (`part`) anew as they grow, so that nothing is
 * read to write; a reader adds the parts up. Beside it the requests that something else counted.
 */
export class CreateQuality1795400300000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE quality_hourly (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        hour timestamptz NOT NULL,
        id uuid NOT NULL,
        part text NOT NULL,
        process_started timestamptz NOT NULL,
        subject text NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        names jsonb NOT NULL,
        body jsonb NOT NULL,
        last_received timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, hour, id, part)
      )`);
    await q.query('CREATE INDEX quality_hourly_hour ON quality_hourly (tenant_id, subject, hour)');
    await q.query(`
      CREATE TABLE request_total (
        tenant_id text NOT NULL,
        dist_key bigint NOT NULL,
        service text NOT NULL,
        environment text NOT NULL,
        hour timestamptz NOT NULL,
        requests bigint NOT NULL,
        source text NOT NULL,
        PRIMARY KEY (tenant_id, dist_key, service, environment, hour)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE request_total');
    await q.query('DROP TABLE quality_hourly');
  }
}
