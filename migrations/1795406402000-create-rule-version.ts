import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when each detector or rule is as it is, so that reports tell findings that are new from rules that are. */
export class CreateRuleVersion1795406402000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE rule_version (
        tenant_id text NOT NULL,
        rule text NOT NULL,
        hash text NOT NULL,
        since timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, rule)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE rule_version');
  }
}
