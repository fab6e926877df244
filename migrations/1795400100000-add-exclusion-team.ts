import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Waivers of naming findings are exclusions that may hold for one team. */
export class AddExclusionTeam1795400100000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE exclusion ADD COLUMN team text');
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE exclusion DROP COLUMN team');
  }
}
