import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How indicators of services, services and collectors stand that rules of notifications ask for. */
export class CreateWatched1795406401000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE watched (
        tenant_id text NOT NULL,
        id uuid NOT NULL,
        kind text NOT NULL,
        subject text NOT NULL,
        indicator text NOT NULL DEFAULT '',
        is_bad boolean NOT NULL,
        since timestamptz,
        otherwise_since timestamptz,
        detail text NOT NULL DEFAULT '',
        looked_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (tenant_id, id)
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE watched');
  }
}
