import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was replaced in the names of a template, as forms: `9999`, `uuid`. */
export class AddSpanNameShapes1795400200000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query("ALTER TABLE span_name_hourly ADD COLUMN shapes text[] NOT NULL DEFAULT '{}'");
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE span_name_hourly DROP COLUMN shapes');
  }
}
