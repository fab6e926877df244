import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sign-in links and sessions, by the SHA-256 of their secret. */
export class CreateSession1795392800000 implements MigrationInterface {
  async up(q: QueryRunner): Promise<void> {
    await q.query(`
      CREATE TABLE sign_in_link (
        secret_hash text PRIMARY KEY,
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await q.query(`
      CREATE TABLE session (
        secret_hash text PRIMARY KEY,
        subject text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL
      )`);
  }

  async down(q: QueryRunner): Promise<void> {
    await q.query('DROP TABLE session');
    await q.query('DROP TABLE sign_in_link');
  }
}
