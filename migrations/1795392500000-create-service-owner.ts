import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateServiceOwner1795392500000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE service_owner (
        tenant_id text NOT NULL,
        service text NOT NULL,
        team text NOT NULL,
        updated_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, service)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE service_owner');
  }
}
