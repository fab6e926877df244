import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Detectors of the customers' own: every version of the document stays, and what was switched off of which. */
export class CreateRuleSet1795394000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE rule_set (
        tenant_id text NOT NULL,
        version integer NOT NULL,
        document text NOT NULL,
        author text NOT NULL,
        comment text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, version)
      )`);
    await q.query(`
      CREATE TABLE rule_switched_off (
        tenant_id text NOT NULL,
        version integer NOT NULL,
        detector text NOT NULL,
        reason text NOT NULL,
        switched_off_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, version, detector)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE rule_switched_off');
    await q.query('DROP TABLE rule_set');
  }
}
