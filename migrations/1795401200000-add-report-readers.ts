import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whom a report is for; team '' is all teams. */
export class AddReportReaders1795401200000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    // What was made before had one form for all readers, which is no more.
    await q.query('DELETE FROM report');
    await q.query(`
      ALTER TABLE report
        ADD COLUMN audience text NOT NULL,
        ADD COLUMN team text NOT NULL DEFAULT '',
        ADD COLUMN time_zone text NOT NULL DEFAULT 'UTC'`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE report DROP COLUMN audience, DROP COLUMN team, DROP COLUMN time_zone');
  }
}
