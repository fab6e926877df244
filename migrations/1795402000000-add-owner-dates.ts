import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Owners by source and since when, and what Kubernetes says of them. What was stated so far counts since ever. */
export class AddOwnerDates1795402000000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      ALTER TABLE service_owner
        ADD COLUMN source text NOT NULL DEFAULT 'mapping',
        ADD COLUMN valid_from timestamptz NOT NULL DEFAULT 'epoch',
        ADD COLUMN author text NOT NULL DEFAULT '',
        DROP CONSTRAINT service_owner_pkey,
        ADD PRIMARY KEY (tenant_id, service, source, valid_from)`);
    await q.query(`
      ALTER TABLE service_owner
        ALTER COLUMN source DROP DEFAULT, ALTER COLUMN valid_from DROP DEFAULT, ALTER COLUMN author DROP DEFAULT`);
    await q.query(`
      ALTER TABLE service
        ADD COLUMN team_label text NOT NULL DEFAULT '', ADD COLUMN kubernetes_namespace text NOT NULL DEFAULT ''`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('ALTER TABLE service DROP COLUMN team_label, DROP COLUMN kubernetes_namespace');
    await q.query(`DELETE FROM service_owner a USING service_owner b WHERE a.source <> 'mapping' OR a.team = ''
      OR (b.source = 'mapping' AND b.tenant_id = a.tenant_id AND b.service = a.service AND b.valid_from > a.valid_from)`);
    await q.query(`
      ALTER TABLE service_owner
        DROP CONSTRAINT service_owner_pkey,
        DROP COLUMN source, DROP COLUMN valid_from, DROP COLUMN author,
        ADD PRIMARY KEY (tenant_id, service)`);
  }
}
