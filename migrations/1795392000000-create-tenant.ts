import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateTenant1795392000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE installation (
        name text PRIMARY KEY,
        value text NOT NULL
      )`);
    await q.query(`
      CREATE TABLE tenant (
        id text PRIMARY KEY,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await q.query(`INSERT INTO tenant (id, name) VALUES ('default', 'Default')`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE tenant');
    await q.query('DROP TABLE installation');
  }
}
