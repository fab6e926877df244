import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where in code findings come from: a few names of files with lines and functions. */
export class AddFindingCode1795406403000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query("ALTER TABLE finding ADD COLUMN code text[] NOT NULL DEFAULT '{}'");
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE finding DROP COLUMN code');
  }
}
